"""Copies of everything, and back: the record row by row, the files under their hashes, a manifest.

A copy is the same on both engines, so a record kept in SQLite can be taken up in PostgreSQL and
the other way round (decision 0034). Nothing here knows the service's classes of rows: a copy is
made of the tables as they are found, so that a newer release can still save an older schema.
"""
