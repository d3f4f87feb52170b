"""External agents: their endpoints, the protocols that they speak, and work that is delegated to them."""
