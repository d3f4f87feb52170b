"""What keeps the store in order: late vectors, expired memories, statistics."""
