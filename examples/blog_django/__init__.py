"""The reference blog on Django."""
