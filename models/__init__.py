"""The record: what is stored, and how a decision is written down.

Knows SQLAlchemy and `workflow`; never the web, the settings or the clock. Whoever calls passes
the time in: aware, UTC.
"""
