"""Whole stories through the doors: over HTTP, and in a real browser on the running service."""
