"""The main line, over several domains: from a cart to a paid order, and every way back."""
