"""How fast the local store is, and what each request costs it: `make bench`."""
