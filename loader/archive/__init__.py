"""What is kept, and where: the raw archives, the windows of days in them, and how these are loaded."""
