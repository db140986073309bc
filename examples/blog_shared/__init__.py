"""What the blog's Flask and Django editions share: templates, view-models, static files, demo content."""
