"""Checks that are code: each module has `NAME` and `detect`, which gives what it objects to."""
