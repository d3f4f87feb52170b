"""Long-term memory: stores what agents learn and finds it again."""
