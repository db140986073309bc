"""Posts: in lists, alone, and being written."""

from dataclasses import dataclass

from markupsafe import Markup

from blog_shared.views.comments import CommentView
from blog_shared.views.frame import Moment, Pager, SortLink, TagLink


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCard:
    """A post in a list. ``is_lead`` makes it the large one on top."""

    title: str
    url: str
    author: str
    author_url: str
    published: Moment
    excerpt: str
    reading_time: str
    comments: str = ""
    tags: tuple[TagLink, ...] = ()
    is_draft: bool = False
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A parameter that a search form carries along."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """The front page, a search or a tag.

    Attributes:
        summary: what is listed, such as ``3 posts about bread``; empty on the plain front page.
        clear_url: lifts the search and the tag.
        carried: parameters that the search form keeps.
    """

    query: str = ""
    tag: str = ""
    summary: str = ""
    clear_url: str = ""
    carried: tuple[Hidden, ...] = ()
    tags: tuple[TagLink, ...] = ()
    sorts: tuple[SortLink, ...] = ()
    posts: tuple[PostCard, ...] = ()
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file of a post.

    Attributes:
        is_image: it may be shown in the page.
        is_held: it waits for the scanner, and nobody gets it yet.
        remove_url: empty without the right to it.
    """

    name: str
    size: str
    url: str
    is_image: bool = False
    is_held: bool = False
    remove_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesPage:
    """The files of a post, for who may change it.

    Attributes:
        help: which files are taken.
        accept: the same for the browser.
    """

    title: str
    post_url: str
    action: str
    help: str
    accept: str
    files: tuple[FileRow, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPage:
    """One post; an action's address is empty without the right to it.

    Attributes:
        views: such as ``128 views``.
        comment_count: such as ``3 comments``.
        updated: None when the post was not changed after publication.
        views_url: takes the POST that counts a view; empty when this view does not count.
        token_url: gives the CSRF token for it.
    """

    title: str
    author: str
    author_url: str
    author_bio: str = ""
    published: Moment
    updated: Moment | None = None
    reading_time: str
    views: str
    tags: tuple[TagLink, ...] = ()
    body: Markup
    is_draft: bool = False
    comment_count: str
    comments: tuple[CommentView, ...] = ()
    edit_url: str = ""
    publish_url: str = ""
    unpublish_url: str = ""
    delete_url: str = ""
    files_url: str = ""
    images: tuple[FileRow, ...] = ()
    files: tuple[FileRow, ...] = ()
    views_url: str = ""
    token_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFormPage:
    """Writing or changing a post; ``delete_url`` is empty for a new one."""

    heading: str
    back_url: str
    delete_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPost:
    """One of the viewer's posts; exactly one of the last two addresses is set."""

    title: str
    url: str
    is_draft: bool
    changed: Moment
    views: str
    comments: str
    edit_url: str
    delete_url: str
    publish_url: str = ""
    unpublish_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPostsPage:
    """The viewer's posts, drafts first."""

    summary: str
    posts: tuple[MyPost, ...] = ()
    pager: Pager
