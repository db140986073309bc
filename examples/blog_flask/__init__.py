"""The reference blog on Flask."""
