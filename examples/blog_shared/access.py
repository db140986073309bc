"""Who may do what on the blog, and how often: permissions, roles, policies and rates, each defined once."""

from datetime import timedelta
from enum import StrEnum

from bastide import FieldIs, Has, Owns, Rate, Through, WriteRules


class Permission(StrEnum):
    READ_POST = "read_post"
    WRITE_COMMENT = "write_comment"
    EDIT_PROFILE = "edit_profile"
    WRITE_POST = "write_post"
    DELETE_POST = "delete_post"
    MODERATE_COMMENTS = "moderate_comments"
    ADMIN_ACCESS = "admin_access"
    VIEW_UNPUBLISHED_POST = "view_unpublished_post"
    CHANGE_ANY_POST = "change_any_post"


_READER = {Permission.READ_POST, Permission.WRITE_COMMENT, Permission.EDIT_PROFILE}
ROLES = {
    "reader": _READER,
    "author": _READER | {Permission.WRITE_POST, Permission.DELETE_POST},
    "moderator": _READER | {Permission.MODERATE_COMMENTS},
    "administrator": set(Permission),
}

# Somebody has to administer the site.
KEPT_ROLES = ("administrator",)

# Owning is never enough: a permission is the scope that an API token of the owner must have.
_READ_OWN = Owns("author_id") & Has(Permission.READ_POST)
READ_POST = FieldIs("status", "published") | _READ_OWN | Has(Permission.VIEW_UNPUBLISHED_POST)
EDIT_POST = (Owns("author_id") & Has(Permission.WRITE_POST)) | Has(Permission.CHANGE_ANY_POST)
DELETE_POST = (Owns("author_id") & Has(Permission.DELETE_POST)) | Has(Permission.ADMIN_ACCESS)
READ_COMMENT = Through("post", READ_POST) & (
    FieldIs("state", "approved") | _READ_OWN | Has(Permission.MODERATE_COMMENTS)
)
COMMENT_ON_POST = FieldIs("status", "published") & Has(Permission.WRITE_COMMENT)
DELETE_COMMENT = (Owns("author_id") & Has(Permission.WRITE_COMMENT)) | Has(Permission.MODERATE_COMMENTS)
OWN_POST = Owns("author_id")

POST_WRITES = WriteRules(
    {"title": EDIT_POST, "content": EDIT_POST, "status": EDIT_POST, "published_at": EDIT_POST}
)

POST_RATE = Rate(name="post", limit=30, period=timedelta(hours=1))
COMMENT_RATE = Rate(name="comment", limit=20, period=timedelta(hours=1))
VIEW_RATE = Rate(name="view", limit=120, period=timedelta(hours=1))
SSN_RATE = Rate(name="ssn", limit=10, period=timedelta(hours=1))
FILE_RATE = Rate(name="file", limit=60, period=timedelta(hours=1))
CONTACT_RATE = Rate(name="contact", limit=5, period=timedelta(hours=1))
