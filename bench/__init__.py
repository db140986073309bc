"""What the layers cost, beside bare Flask and beside the usual assembly. Never part of a test."""
