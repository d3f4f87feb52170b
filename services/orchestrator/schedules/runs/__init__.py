"""What a schedule has started, slot by slot."""
