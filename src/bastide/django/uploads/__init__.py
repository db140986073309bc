"""Files that people send: the app of their table."""
