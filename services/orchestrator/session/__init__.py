"""The dashboard's session."""
