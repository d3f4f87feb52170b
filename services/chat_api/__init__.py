"""Chat over a WebSocket, and a small page for it. Knows the orchestrator alone and keeps no state."""
