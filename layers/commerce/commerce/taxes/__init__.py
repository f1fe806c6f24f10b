"""Taxes: what part of a price is tax, at which rate, and why."""
