"""The agents in a pod and their order."""
