"""The log of requests and their answers: off until somebody switches it on, and without credentials."""
