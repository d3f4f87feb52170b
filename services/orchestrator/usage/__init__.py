"""What model calls used and cost."""
