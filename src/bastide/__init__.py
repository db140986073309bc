"""Security in layers for Python web apps: a framework-free core and thin adapters."""
