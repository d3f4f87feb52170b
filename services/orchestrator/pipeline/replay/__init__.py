"""Runs an ended task again from its journal alone, and says where it differs."""
