"""Nova's name and greeting."""
