"""What one agent can do with Nova's other agents: find them, make them, ask them."""
