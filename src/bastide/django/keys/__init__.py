"""Keys of what is encrypted at rest: the app of their command."""
