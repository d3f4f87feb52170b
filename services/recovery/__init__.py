"""Backup, service control and the state of everything; answers when all else is down."""
