"""The clock: time passes here. Jobs make the same calls people make, in a process of its own."""
