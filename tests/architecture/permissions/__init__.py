"""What handlers called, against what their roles allow. `make test` runs it after the suite."""
