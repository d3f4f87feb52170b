"""Tasks that another system submits by calling a signed address."""
