"""What the middlewares put around a request before any view sees it."""
