"""Work that was delegated to an external agent, from its sending to its result."""
