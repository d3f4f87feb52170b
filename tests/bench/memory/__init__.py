"""How well and how fast memory-service finds and stores; scripts/bench memory."""
