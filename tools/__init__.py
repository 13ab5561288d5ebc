"""Tools for whoever works on the project: none of them is a part of the product."""
