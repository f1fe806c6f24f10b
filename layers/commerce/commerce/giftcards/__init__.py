"""Gift cards and store credit: prepaid balances behind codes, and the ledger that explains every one of their units."""
