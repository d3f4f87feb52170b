"""Making, listing, verifying and deleting backups."""
