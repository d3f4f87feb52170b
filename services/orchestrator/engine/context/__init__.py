"""How much of a model's window each part of a conversation may take."""
