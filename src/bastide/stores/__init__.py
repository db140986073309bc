"""Where the controls keep their state: in memory, or in SQL."""
