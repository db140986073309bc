"""What every page of the blog reads besides its addresses."""

from typing import Any

from bastide import MAX_TERM_LENGTH, Principal, Site
from blog_shared.access import Permission
from blog_shared.demo import SITE_NAME, SITE_TAGLINE
from blog_shared.present import Address
from blog_shared.views.frame import BlogViewer

SITE = Site(name=SITE_NAME, tagline=SITE_TAGLINE)


def frame(address: Address, caller: Principal) -> dict[str, Any]:
    """Return the site, who looks and which doors to show, and how long a search may be."""
    return {"site": SITE, "viewer": _viewer(address, caller), "term_length": MAX_TERM_LENGTH}


def _viewer(address: Address, caller: Principal) -> BlogViewer:
    if not caller.is_signed_in:
        return BlogViewer()
    return BlogViewer(
        is_signed_in=True,
        name=caller.name,
        profile_url=address("people.author", username=caller.name),
        can_write=caller.has(Permission.WRITE_POST),
        can_moderate=caller.has(Permission.MODERATE_COMMENTS),
        can_administer=caller.has(Permission.ADMIN_ACCESS),
    )
