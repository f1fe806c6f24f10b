"""Payments: what is due, what arrived, what went back, and what a person must look at."""
