"""What is looked for in templates."""

from bastide.check.source.templates.sinks import check_template

__all__ = ["check_template"]
