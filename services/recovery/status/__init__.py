"""Which services are up, and how the database and the backups are."""
