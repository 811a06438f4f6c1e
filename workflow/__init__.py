"""The law: what may happen to a dossier, and what follows.

This package is pure. It knows no web, no database, no clock and no settings; it imports nothing
of ours. `models` satisfies its ports, `views` and `schedules` call its use cases.
"""
