"""What a person knows better about models, and where each fact comes from."""
