"""What a task may use: budgets, and the time that it may run."""
