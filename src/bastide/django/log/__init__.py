"""The security log: the app of its tables."""
