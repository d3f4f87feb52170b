"""Who holds a task, and until when."""
