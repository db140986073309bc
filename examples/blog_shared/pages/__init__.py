"""From rows to what the templates read, for either framework: whatever names an author, a title, tags."""
