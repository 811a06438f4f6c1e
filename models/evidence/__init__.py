"""One dossier as one file that proves itself: what it holds, how it is packed, how it is checked.

`verify.py` travels in every bundle and imports nothing of this service.
"""
