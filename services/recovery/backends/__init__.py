"""Who runs Nova's processes here: one file for each kind of process manager."""
