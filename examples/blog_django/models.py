"""The blog's tables: the same as on Flask, under the same names."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from bastide import ARTICLE, COMMENT, EMAIL, PERSON_NAME, PHONE, SSN, USERNAME, WEBSITE
from bastide.django import (
    BlindIndexField,
    EncryptedTextField,
    RuleValidator,
    SanitizedHTMLField,
    ValidatedModel,
)

models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)


def length(field: str, least: int, most: int) -> Q:
    """Return the condition that the field is empty or holds so many characters."""
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__length__range": (least, most)})


E164 = Q(phone__isnull=True) | Q(phone__startswith="+", phone__length__lte=20)


class User(AbstractUser):
    """Django's user; Bastide keeps what it needs beside it."""

    username = models.CharField(max_length=30, unique=True, validators=[RuleValidator(USERNAME)])
    email = models.EmailField(max_length=254)

    class Meta:
        db_table = "user_account"
        constraints = (
            models.CheckConstraint(condition=length("username", 1, 30), name="user_username_length"),
            models.CheckConstraint(condition=length("email", 3, 254), name="user_email_length"),
        )

    @property
    def created_at(self) -> datetime:
        return self.date_joined


class Profile(ValidatedModel):
    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    # Null where nothing was said, as on Flask.
    full_name = models.CharField(  # noqa: DJ001
        max_length=100, null=True, blank=True, validators=[RuleValidator("blog_shared.rules.FULL_NAME")]
    )
    phone = models.CharField(max_length=20, null=True, blank=True, validators=[RuleValidator(PHONE)])  # noqa: DJ001
    bio = models.CharField(  # noqa: DJ001
        max_length=500, null=True, blank=True, validators=[RuleValidator("blog_shared.rules.BIO")]
    )
    website = models.CharField(max_length=200, null=True, blank=True, validators=[RuleValidator(WEBSITE)])  # noqa: DJ001
    ssn = EncryptedTextField(row="user", blind_index="ssn_index", rule=SSN, null=True, blank=True)
    ssn_index = BlindIndexField(unique=True)

    class Meta:
        db_table = "profile"
        constraints = (
            models.CheckConstraint(condition=length("full_name", 1, 100), name="profile_full_name_length"),
            models.CheckConstraint(condition=E164, name="profile_phone_e164"),
            models.CheckConstraint(condition=length("bio", 9, 500), name="profile_bio_length"),
            models.CheckConstraint(
                condition=Q(website__isnull=True)
                | Q(website__startswith="https://", website__length__lte=200),
                name="profile_website_https",
            ),
            models.CheckConstraint(
                condition=Q(ssn__isnull=True, ssn_index__isnull=True)
                | Q(ssn__isnull=False, ssn_index__isnull=False),
                name="profile_ssn_indexed",
            ),
        )

    def __str__(self) -> str:
        return self.full_name or str(self.user_id)


class Post(ValidatedModel):
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    title = models.CharField(max_length=200, validators=[RuleValidator("blog_shared.rules.POST_TITLE")])
    content = models.TextField(validators=[RuleValidator("blog_shared.rules.POST_CONTENT")])
    body_html = SanitizedHTMLField(policy=ARTICLE, blank=True)
    body_policy = models.CharField(max_length=40)
    status = models.CharField(max_length=10, default="draft", db_index=True)
    views = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        db_table = "post"
        constraints = (
            models.CheckConstraint(condition=length("title", 5, 200), name="post_title_length"),
            models.CheckConstraint(condition=length("content", 10, 10_000), name="post_content_length"),
            models.CheckConstraint(condition=Q(status__in=("draft", "published")), name="post_status"),
            models.CheckConstraint(condition=Q(views__gte=0), name="post_views"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def tag_names(self) -> list[str]:
        return [tag.name for tag in self.tags.all()]


class PostTag(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40, db_index=True)
    position = models.IntegerField()

    class Meta:
        db_table = "post_tag"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("post", "name"), name="uq_post_tag_post_name"),
            models.CheckConstraint(condition=length("name", 1, 40), name="post_tag_name_length"),
            models.CheckConstraint(condition=Q(position__range=(0, 9)), name="post_tag_position"),
        )

    def __str__(self) -> str:
        return self.name


class Comment(ValidatedModel):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    body = models.TextField(validators=[RuleValidator("blog_shared.rules.COMMENT_BODY")])
    body_html = SanitizedHTMLField(policy=COMMENT, blank=True)
    body_policy = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default="pending", db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "comment"
        constraints = (
            models.CheckConstraint(condition=length("body", 2, 2_000), name="comment_body_length"),
            models.CheckConstraint(
                condition=Q(state__in=("pending", "approved", "rejected")), name="comment_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.author_id} on {self.post_id}"


class ContactMessage(ValidatedModel):
    name = models.CharField(max_length=100, validators=[RuleValidator(PERSON_NAME)])
    email = models.CharField(max_length=254, validators=[RuleValidator(EMAIL)])
    phone = models.CharField(max_length=20, null=True, blank=True, validators=[RuleValidator(PHONE)])  # noqa: DJ001
    subject = models.CharField(max_length=120, validators=[RuleValidator("blog_shared.rules.SUBJECT")])
    body = models.TextField(validators=[RuleValidator("blog_shared.rules.MESSAGE")])
    suspicion = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "contact_message"
        constraints = (
            models.CheckConstraint(condition=length("name", 1, 100), name="contact_message_name_length"),
            models.CheckConstraint(condition=length("email", 3, 254), name="contact_message_email_length"),
            models.CheckConstraint(condition=E164, name="contact_message_phone_e164"),
            models.CheckConstraint(
                condition=length("subject", 3, 120), name="contact_message_subject_length"
            ),
            models.CheckConstraint(condition=length("body", 10, 1_000), name="contact_message_body_length"),
        )

    def __str__(self) -> str:
        return self.subject
