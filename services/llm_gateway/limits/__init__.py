"""What calls may use, and what they have used: budgets, reservations, usage."""
