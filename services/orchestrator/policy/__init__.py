"""What holds for tasks: the enabled skills and rules, as numbered versions that never change."""
