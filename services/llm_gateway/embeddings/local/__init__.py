"""The local embedding model, all-MiniLM-L6-v2, in a process of its own."""
