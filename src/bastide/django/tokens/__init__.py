"""API tokens: the app of their table."""
