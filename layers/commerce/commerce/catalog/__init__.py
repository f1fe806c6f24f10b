"""Products, their variants and prices, and the categories they lie in."""
