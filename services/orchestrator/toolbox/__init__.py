"""Which tools there are, and whether they work here."""
