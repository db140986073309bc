"""``{% load bastide %}``: safe output and questions about rights."""

from typing import Any

from django import template
from markupsafe import Markup

from bastide.core.access import Policy
from bastide.core.output import ARTICLE, COMMENT, SafeHtml, show_markdown
from bastide.core.output import json_island as make_island
from bastide.core.output import safe_url as make_safe_url
from bastide.core.output import sanitize as sanitize_html

register: template.Library = template.Library()


@register.filter
def sanitize(html: str) -> SafeHtml:
    """Return what the comment policy allows."""
    return sanitize_html(html, COMMENT)


@register.filter
def markdown(text: str) -> SafeHtml:
    """Return Markdown as clean HTML under the article policy, or as typed where it would be refused."""
    return show_markdown(text, ARTICLE)


@register.filter
def safe_url(raw: str) -> str:
    """Return an address that can only navigate."""
    return make_safe_url(raw)


@register.simple_tag
def json_island(value: Any, element_id: str) -> Markup:
    """Return the value as a JSON script element that nothing inside can close."""
    return make_island(value, element_id=element_id)


@register.simple_tag(takes_context=True)
def can(context: template.Context, policy: Policy, obj: Any) -> bool:
    """Tell whether the caller passes: ``{% can edit_post post as may_edit %}`` (A6)."""
    return policy.allows(context["request"].bastide.principal, obj)
