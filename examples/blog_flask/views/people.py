"""Author pages, one's own profile, and the page before another site."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound

from bastide import PHONE, SSN, WEBSITE, InvalidInput, account_key
from bastide.flask import (
    Form,
    RuleField,
    draw_rate,
    form_view,
    fresh_login_required,
    login_required,
    note_change,
    note_reveal,
    principal,
    public,
    visible,
)
from blog_flask.database import db
from blog_flask.models import Post, Profile, User
from blog_flask.views.posts import comment_counts, list_posts
from blog_shared.access import READ_POST, SSN_RATE
from blog_shared.lists import page_of
from blog_shared.pages.posts import author_page, ssn_page
from blog_shared.rules import BIO, BIO_HELP, FULL_NAME
from blog_shared.views.people import AwayPage

SSN_NAME = "social security number"
blueprint = Blueprint("people", __name__)
PAGE_SIZE = 10


class ProfileForm(Form):
    full_name = RuleField("Name", FULL_NAME)
    phone = RuleField("Telephone", PHONE, description="With the country code. Nobody else sees it.")
    bio = RuleField("About you", BIO, description=BIO_HELP)
    website = RuleField("Website", WEBSITE, description="Begins with https://")


class SsnForm(Form):
    ssn = RuleField("Number", SSN, description="Nine digits, such as 219-09-9999.")


@blueprint.get("/authors/<username>")
@public
def author(username: str) -> ResponseReturnValue:
    statement = (
        select(User).where(User.username_key == account_key(username)).options(joinedload(User.profile))
    )
    user = db().scalar(statement) if username.isprintable() else None
    if user is None:
        raise NotFound
    page = page_of(dict(request.args.lists()), size=PAGE_SIZE)
    published = (
        select(Post)
        .where(Post.author_id == user.id, Post.status == "published", visible(READ_POST, Post))
        .order_by(Post.published_at.desc(), Post.id.desc())
    )
    posts, total = list_posts(published, page)
    view = author_page(url_for, principal(), user, posts, comment_counts(posts), total=total, page=page)
    return render_template("blog/author.html", page=view)


@blueprint.route("/profile", methods=["GET", "POST"])
@login_required
def profile() -> ResponseReturnValue:
    stored = own_profile()
    form = ProfileForm(obj=stored)
    if request.method == "POST" and form.validate():
        for name in ("full_name", "phone", "bio", "website"):
            setattr(stored, name, form[name].data)
        db().add(stored)
        db().commit()
        flash("Saved.", "success")
        return redirect(url_for("people.profile"), 303)
    view = form_view(form, action=url_for("people.profile"), submit="Save")
    page = render_template("blog/profile_form.html", form=view, ssn_url=url_for("people.ssn"))
    return make_response(page, 400 if view.invalid else 200)


@blueprint.route("/profile/ssn", methods=["GET", "POST"])
@fresh_login_required
def ssn() -> ResponseReturnValue:
    stored, form = own_profile(), SsnForm()
    if request.method == "POST":
        draw_rate(SSN_RATE)
        if form.validate():
            return _set_ssn(form.ssn.data, "Saved, and encrypted.")
    return _ssn_page(stored, form)


@blueprint.post("/profile/ssn/reveal")
@fresh_login_required
def reveal_ssn() -> ResponseReturnValue:
    draw_rate(SSN_RATE)
    note_reveal(SSN_NAME)
    return _ssn_page(own_profile(), SsnForm(formdata=None), is_whole=True)


@blueprint.post("/profile/ssn/remove")
@fresh_login_required
def remove_ssn() -> ResponseReturnValue:
    return _set_ssn(None, "Removed.")


def own_profile(session: Session | None = None) -> Profile:
    """Return the caller's profile, or a fresh one."""
    user_id = principal().account_id
    return (session or db()).get(Profile, user_id) or Profile(user_id=user_id)


def _set_ssn(ssn: str | None, text: str) -> ResponseReturnValue:
    with note_change(SSN_NAME) as session:
        stored = own_profile(session)
        stored.ssn = ssn
        session.add(stored)
    flash(text, "success")
    return redirect(url_for("people.ssn"), 303)


def _ssn_page(stored: Profile, form: SsnForm, *, is_whole: bool = False) -> ResponseReturnValue:
    view = form_view(form, action=url_for("people.ssn"), submit="Replace it" if stored.ssn else "Save it")
    page = ssn_page(url_for, stored.ssn, is_whole=is_whole)
    body = render_template("blog/ssn.html", form=view, page=page)
    return make_response(body, 400 if view.invalid else 200)


@blueprint.get("/away")
@public
def away() -> ResponseReturnValue:
    address = WEBSITE.parse(request.args.get("to", ""))
    known = address and db().scalar(
        select(func.count()).select_from(Profile).where(Profile.website == address)
    )
    if not known:
        # Only addresses that somebody here put on their page: not a redirector for everybody.
        raise InvalidInput("to", "website")
    host = urlsplit(address or "").hostname or ""
    return render_template(
        "blog/away.html", page=AwayPage(host=host, address=address or "", back_url=url_for("posts.index"))
    )
