"""The edge: AWS events in, domain calls out. HTTP, queues, streams, clocks and the command line."""
