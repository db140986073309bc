"""A project of Django's usual kind, with accounts of its own, and layers beside them."""
