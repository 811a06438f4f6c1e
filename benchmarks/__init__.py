"""How fast the service is: `make bench`, as ratios to the bare driver (docs/benchmarks.md)."""
