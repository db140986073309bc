"""Attempt budgets: the app of their table."""
