"""Stock: levels per SKU and location, and the movements that explain every one of their units."""
