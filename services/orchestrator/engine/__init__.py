"""How any task runs: lease, journal, events, model and tool calls. It knows no stage by name."""
