"""Recovery's own login, for when the orchestrator or its database is down."""
