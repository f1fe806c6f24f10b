"""What `sam build` made, looked at and run. Not part of the suite: `make build` runs it."""
