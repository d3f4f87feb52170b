"""One typed client per peer; each speaks HTTP and contracts only."""
