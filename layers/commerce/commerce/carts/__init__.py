"""Carts: what a shopper wants, priced anew at every read, until a checkout turns it into an order."""
