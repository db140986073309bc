"""What the blog writes into the security log besides what the library does; `events.md` is its vocabulary."""

from typing import Final

from bastide import AppEventKind, Vocabulary


class BlogEvent(AppEventKind):
    COMMENT_MODERATED = (
        "blog:comment:moderated", "a moderator decided on a comment",
        "A comment was approved or rejected.",
    )  # fmt: skip
    CONTACT_MAILED = "blog:contact:mailed", "a message of the contact form was handed to the outbox"


VOCABULARY: Final = Vocabulary(BlogEvent)
