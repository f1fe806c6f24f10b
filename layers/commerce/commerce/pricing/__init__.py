"""Pricing: what a basket costs, to the last minor unit, and why."""
