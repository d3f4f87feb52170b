"""The gateway: every model call goes through here, with its limits, budgets and usage."""
