"""The outbox: carries announced events to the bus, at least once, and repeats what did not arrive."""
