"""The fields that only a blog has, under the library's rules; forms, models and the API share them."""

from typing import Final

from bastide import ARTICLE, COMMENT, MarkdownRule, TagsRule, TextRule

POST_TITLE: Final = TextRule(field="title", min_length=5, max_length=200)
POST_CONTENT: Final = MarkdownRule(field="content", min_length=10, max_length=10_000, policy=ARTICLE)
TAGS: Final = TagsRule(field="tags", max_length=500, is_required=False)
TAGS_HELP: Final = f"Up to {TAGS.max_tags}, separated by commas."
COMMENT_BODY: Final = MarkdownRule(field="body", min_length=2, max_length=2_000, policy=COMMENT)
FULL_NAME: Final = TextRule(field="full_name", max_length=100, is_required=False, autocomplete="name")
BIO: Final = TextRule(
    field="bio", max_length=500, is_required=False, is_multiline=True, min_words=5, input_type="textarea"
)
BIO_HELP: Final = f"{BIO.min_words} words or more, {BIO.max_length} characters at most."
SUBJECT: Final = TextRule(field="subject", min_length=3, max_length=120)
MESSAGE: Final = TextRule(
    field="message", min_length=10, max_length=1_000, is_multiline=True, input_type="textarea"
)
