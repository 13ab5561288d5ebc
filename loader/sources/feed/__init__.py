"""What the generic feed takes: where its pages end, ids of records, and whether it serves the days that it is asked for."""
