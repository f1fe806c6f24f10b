"""Customers: who buys, and where the goods go."""
