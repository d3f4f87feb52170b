"""What a task started with: its pod, the agents and the tools as they were then."""
