"""Prices: what one piece costs whom, and when; price lists, price rules, exchange rates and the lowest price before."""
