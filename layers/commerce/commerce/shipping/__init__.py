"""Shipping: the ways in which goods can be sent, and what each costs."""
