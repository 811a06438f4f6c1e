"""A second, different programme: another file and no code."""
