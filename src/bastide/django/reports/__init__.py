"""Reports of browsers: the app of their table, their address and their command."""
