"""Rules: checks before each tool call (hard), and words for the models (soft)."""
