"""Orders: what was agreed, frozen, and what became of it."""
