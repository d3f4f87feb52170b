"""One vendor, one file: how each is reached and what it offers."""
