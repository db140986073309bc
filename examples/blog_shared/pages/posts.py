"""Pages about posts, comments and people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bastide import (
    MESSAGES,
    Direction,
    InvalidInput,
    Order,
    Page,
    Principal,
    Upload,
    Uploads,
    UploadState,
    is_inline,
)
from blog_shared.access import DELETE_COMMENT, DELETE_POST, EDIT_POST
from blog_shared.present import (
    Address,
    clean_body,
    clean_comment,
    count,
    display_name,
    excerpt,
    moment,
    pager,
    reading_time,
    size_text,
)
from blog_shared.views.comments import CommentView, ModerationPage, ModerationRow
from blog_shared.views.frame import SortLink, TagLink
from blog_shared.views.people import AuthorPage, SsnPage
from blog_shared.views.posts import (
    FileRow,
    FilesPage,
    Hidden,
    IndexPage,
    MyPost,
    MyPostsPage,
    PostCard,
    PostFormPage,
    PostPage,
)

SORTS = (("date", "Date", "desc"), ("title", "Title", "asc"), ("views", "Views", "desc"))


def ssn_page(address: Address, ssn: str | None, *, is_whole: bool = False) -> SsnPage:
    """Return the page with the last four digits, or all of them where that was asked for and noted."""
    digits = ssn or ""
    whole = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    return SsnPage(
        shown=whole if is_whole and digits else digits[-4:], is_whole=is_whole and bool(digits),
        url=address("people.ssn"), reveal_url=address("people.reveal_ssn"),
        remove_url=address("people.remove_ssn"),
    )  # fmt: skip


def author_url(address: Address, user: Any) -> str:
    return address("people.author", username=user.username)


def tag_links(address: Address, post: Any) -> tuple[TagLink, ...]:
    return tuple(TagLink(name=name, url=address("posts.index", tag=name)) for name in post.tag_names)


def card(address: Address, post: Any, comments: int, *, is_lead: bool = False) -> PostCard:
    return PostCard(
        title=post.title,
        url=address("posts.show", post_id=post.id),
        author=display_name(post.author),
        author_url=author_url(address, post.author),
        published=moment(post.published_at or post.created_at),
        excerpt=excerpt(post),
        reading_time=reading_time(post),
        comments=count(comments, "comment", "comments") if comments else "",
        tags=tag_links(address, post),
        is_draft=post.status == "draft",
        is_lead=is_lead,
    )


def index_page(
    address: Address,
    posts: Sequence[Any],
    counts: Mapping[int, int],
    *,
    total: int,
    page: Page,
    order: Order[Any],
    term: str | None,
    tag: str | None,
    tags: Iterable[tuple[str, int]],
) -> IndexPage:
    """Return the front page, a search or a tag; ``tags`` are the most used with how often."""
    kept: dict[str, Any] = {name: value for name, value in (("q", term), ("tag", tag)) if value}
    plain = not kept and page.number == 1
    return IndexPage(
        query=term or "",
        tag=tag or "",
        summary=_summary(total, term, tag),
        clear_url=address("posts.index"),
        carried=(Hidden(name="tag", value=tag),) if tag else (),
        tags=tuple(
            TagLink(
                name=name, count=number, is_current=name == tag,
                url=address("posts.index") if name == tag else address("posts.index", tag=name),
            )
            for name, number in tags
        ),
        sorts=_sort_links(address, order, kept),
        posts=tuple(
            card(address, post, counts.get(post.id, 0), is_lead=plain and not place)
            for place, post in enumerate(posts)
        ),
        pager=pager(
            page, total, address, "posts.index", things="posts", sort=order.key, dir=order.direction.value,
            **kept,
        ),
    )  # fmt: skip


def _summary(total: int, term: str | None, tag: str | None) -> str:
    if not term and not tag:
        return ""
    about = f" about {tag}" if tag else ""
    with_word = f" with “{term}”" if term else ""
    return count(total, "post", "posts") + about + with_word


def _sort_links(address: Address, order: Order[Any], kept: dict[str, Any]) -> tuple[SortLink, ...]:
    is_descending = order.direction is Direction.DESCENDING
    turned = "asc" if is_descending else "desc"
    return tuple(
        SortLink(
            label=label,
            url=address("posts.index", sort=key, dir=turned if key == order.key else usual, **kept),
            is_current=key == order.key,
            direction="descending" if is_descending else "ascending",
        )
        for key, label, usual in SORTS
    )


def files_subject(post_id: int) -> str:
    """Return what the files of a post belong to."""
    return f"post:{post_id}"


def file_rows(
    address: Address, post: Any, uploads: Iterable[Upload], *, may_remove: bool = False
) -> tuple[FileRow, ...]:
    return tuple(
        FileRow(
            name=upload.display_name, size=size_text(upload.size_bytes),
            is_image=is_inline(upload.media_type),
            url=address("files.show", post_id=post.id, name=upload.name),
            is_held=upload.state is UploadState.HELD,
            remove_url=address("files.remove", post_id=post.id, name=upload.name) if may_remove else "",
        )
        for upload in uploads
    )  # fmt: skip


def files_page(
    address: Address, post: Any, uploads: Uploads, *, error: InvalidInput | None = None
) -> FilesPage:
    kinds, largest = uploads.settings.kinds, uploads.settings.max_size_mib
    told = () if error is None else (MESSAGES.error_text(error.code, error.limits),)
    return FilesPage(
        title=post.title, post_url=address("posts.show", post_id=post.id),
        action=address("files.manage", post_id=post.id), errors=told,
        files=file_rows(address, post, uploads.list_of(files_subject(post.id)), may_remove=True),
        help=f"One of these: {', '.join(kinds)}; {largest} MiB at most. Pictures and documents "
        "lose what they say of place and author, and signatures in a PDF do not survive.",
        accept=",".join(f".{kind}" for kind in kinds),
    )  # fmt: skip


def post_page(
    address: Address, caller: Principal, post: Any, comments: Sequence[Any], uploads: Iterable[Upload]
) -> PostPage:
    ready = file_rows(address, post, (each for each in uploads if each.state is UploadState.READY))
    may_edit, may_delete = EDIT_POST.allows(caller, post), DELETE_POST.allows(caller, post)
    is_draft = post.status == "draft"
    profile = getattr(post.author, "profile", None)
    return PostPage(
        title=post.title,
        author=display_name(post.author),
        author_url=author_url(address, post.author),
        author_bio=(profile.bio or "") if profile else "",
        published=moment(post.published_at or post.created_at),
        updated=moment(post.updated_at) if post.updated_at and not is_draft else None,
        reading_time=reading_time(post),
        views=count(post.views, "view", "views"),
        tags=tag_links(address, post),
        body=clean_body(post),
        is_draft=is_draft,
        comment_count=count(len(comments), "comment", "comments"),
        comments=tuple(_comment(address, caller, comment) for comment in comments),
        edit_url=address("posts.edit", post_id=post.id) if may_edit else "",
        publish_url=address("posts.publish", post_id=post.id) if may_edit and is_draft else "",
        unpublish_url=address("posts.unpublish", post_id=post.id) if may_edit and not is_draft else "",
        delete_url=address("posts.delete", post_id=post.id) if may_delete else "",
        files_url=address("files.manage", post_id=post.id) if may_edit else "",
        images=tuple(row for row in ready if row.is_image),
        files=tuple(row for row in ready if not row.is_image),
        views_url="" if is_draft else address("posts.count_view", post_id=post.id),
        token_url=address("posts.csrf_token"),
    )


def _comment(address: Address, caller: Principal, comment: Any) -> CommentView:
    may_delete = DELETE_COMMENT.allows(caller, comment)
    return CommentView(
        anchor=f"comment-{comment.id}",
        author=display_name(comment.author),
        author_url=author_url(address, comment.author),
        posted=moment(comment.created_at),
        body=clean_comment(comment),
        is_pending=comment.state == "pending",
        is_by_post_author=comment.author_id == comment.post.author_id,
        delete_url=address("comments.delete", comment_id=comment.id) if may_delete else "",
    )


def edit_page(address: Address, caller: Principal, post: Any) -> PostFormPage:
    may_delete = DELETE_POST.allows(caller, post)
    return PostFormPage(
        heading="Change the post",
        back_url=address("posts.show", post_id=post.id),
        delete_url=address("posts.delete", post_id=post.id) if may_delete else "",
    )


def my_posts_page(
    address: Address, posts: Sequence[Any], counts: Mapping[int, int], *, total: int, page: Page
) -> MyPostsPage:
    return MyPostsPage(
        summary=count(total, "post", "posts"),
        posts=tuple(_my_post(address, post, counts.get(post.id, 0)) for post in posts),
        pager=pager(page, total, address, "posts.mine", things="posts"),
    )


def _my_post(address: Address, post: Any, comments: int) -> MyPost:
    is_draft = post.status == "draft"
    return MyPost(
        title=post.title,
        url=address("posts.show", post_id=post.id),
        is_draft=is_draft,
        changed=moment(post.updated_at or post.created_at),
        views=count(post.views, "view", "views"),
        comments=count(comments, "comment", "comments"),
        edit_url=address("posts.edit", post_id=post.id),
        delete_url=address("posts.delete", post_id=post.id),
        publish_url=address("posts.publish", post_id=post.id) if is_draft else "",
        unpublish_url="" if is_draft else address("posts.unpublish", post_id=post.id),
    )


def moderation_page(address: Address, comments: Sequence[Any], *, total: int, page: Page) -> ModerationPage:
    return ModerationPage(
        summary=count(total, "comment waits", "comments wait"),
        rows=tuple(
            ModerationRow(
                author=display_name(comment.author),
                author_url=author_url(address, comment.author),
                posted=moment(comment.created_at),
                body=clean_comment(comment),
                post_title=comment.post.title,
                post_url=address("posts.show", post_id=comment.post_id),
                approve_url=address("comments.approve", comment_id=comment.id),
                reject_url=address("comments.reject", comment_id=comment.id),
            )
            for comment in comments
        ),
        pager=pager(page, total, address, "comments.moderation", things="comments"),
    )


def author_page(
    address: Address,
    caller: Principal,
    user: Any,
    posts: Sequence[Any],
    counts: Mapping[int, int],
    *,
    total: int,
    page: Page,
) -> AuthorPage:
    profile = getattr(user, "profile", None)
    website = (profile.website if profile else None) or ""
    return AuthorPage(
        name=display_name(user),
        username=user.username,
        bio=(profile.bio if profile else None) or "",
        website=urlsplit(website).hostname or "",
        website_url=address("people.away", to=website) if website else "",
        since=f"here since {user.created_at:%B %Y}",
        post_count=count(total, "post", "posts"),
        edit_url=address("people.profile") if user.id == caller.account_id else "",
        posts=tuple(card(address, post, counts.get(post.id, 0)) for post in posts),
        pager=pager(page, total, address, "people.author", things="posts", username=user.username),
    )
