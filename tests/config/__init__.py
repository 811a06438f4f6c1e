"""The dials: what a real service may be run with, what is told of it, and what it is built from."""
