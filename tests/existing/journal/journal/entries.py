"""What people write."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import select

from journal.auth import login_required
from journal.db import Entry, get_db

bp = Blueprint("entries", __name__)


@bp.route("/")
def index():
    entries = get_db().scalars(select(Entry).order_by(Entry.id.desc())).all()
    return render_template("entries/index.html", entries=entries)


@bp.route("/create", methods=("GET", "POST"))
@login_required
def create():
    if request.method == "POST":
        if request.form["title"]:
            title, body = request.form["title"], request.form["body"]
            get_db().add(Entry(title=title, body=body, author_id=g.user.id))
            get_db().commit()
            return redirect(url_for("entries.index"))
        flash("A title is needed.")
    return render_template("entries/edit.html", entry=None)


def get_entry(entry_id):
    entry = get_db().get(Entry, entry_id)
    if entry is None:
        abort(404)
    if entry.author_id != g.user.id:
        abort(403)
    return entry


@bp.route("/<int:entry_id>/update", methods=("GET", "POST"))
@login_required
def update(entry_id):
    entry = get_entry(entry_id)
    if request.method == "POST":
        if request.form["title"]:
            entry.title, entry.body = request.form["title"], request.form["body"]
            get_db().commit()
            return redirect(url_for("entries.index"))
        flash("A title is needed.")
    return render_template("entries/edit.html", entry=entry)


@bp.route("/<int:entry_id>/delete", methods=("POST",))
@login_required
def delete(entry_id):
    get_db().delete(get_entry(entry_id))
    get_db().commit()
    return redirect(url_for("entries.index"))
