"""Staff: the keys that let people and programs of the merchant in, and what each of them may do."""
