"""How servers are asked: bounds, and replies in JSON."""
