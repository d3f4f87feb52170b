"""Which models there are, what they cost, and what `auto` means now."""
