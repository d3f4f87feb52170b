"""How a run's writes are kept from a task that it does not hold any more."""
