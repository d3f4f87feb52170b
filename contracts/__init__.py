"""What crosses a process boundary: Pydantic models and nothing else."""
