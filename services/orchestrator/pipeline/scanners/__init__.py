"""One file is one scanner: what it looks for, where, and how bad it is.

A module here with a `SCANNER` is found by itself.
"""
