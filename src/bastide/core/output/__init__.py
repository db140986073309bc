"""Output: what leaves for a browser cannot become code there.

Addresses, script data and messages are encoded for the place they stand in; HTML and Markdown from people are
sanitised under a named policy and stay clean.
"""

from bastide.core.output.html import json_island, safe_url
from bastide.core.output.markdown import render_markdown, show_markdown
from bastide.core.output.safe_html import ARTICLE, COMMENT, HtmlPolicy, SafeHtml, needs_cleaning, sanitize

__all__ = [
    "ARTICLE",
    "COMMENT",
    "HtmlPolicy",
    "SafeHtml",
    "json_island",
    "needs_cleaning",
    "render_markdown",
    "safe_url",
    "sanitize",
    "show_markdown",
]
