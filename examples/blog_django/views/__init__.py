"""The blog's pages, one module per subject."""
