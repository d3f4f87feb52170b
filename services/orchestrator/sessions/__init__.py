"""Sessions: the conversations of chat and agent tasks, one running turn each."""
