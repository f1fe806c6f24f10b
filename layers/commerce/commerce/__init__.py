"""Tradewind's own code: one package per domain, on a kernel that knows no shop word."""
