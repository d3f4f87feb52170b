"""Nova's processes, one package each, and the kit that they share."""
