"""Promotions: what a shop takes off, for whom and when, and the codes and limits that go with it."""
