"""Reading what papers say, and holding papers against each other."""
