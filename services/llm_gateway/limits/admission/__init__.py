"""What is looked at before a call is made: the key's models, its minute, the provider's day."""
