"""Register, log in, log out."""

import functools

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from journal.db import User, get_db

bp = Blueprint("auth", __name__, url_prefix="/auth")


@bp.before_app_request
def load_logged_in_user():
    user_id = session.get("user_id")
    g.user = None if user_id is None else get_db().get(User, user_id)


def login_required(view):
    @functools.wraps(view)
    def wrapped(**kwargs):
        if g.user is None:
            return redirect(url_for("auth.login"))
        return view(**kwargs)

    return wrapped


@bp.route("/register", methods=("GET", "POST"))
def register():
    if request.method == "POST":
        username, password = request.form["username"], request.form["password"]
        error = None
        if not username:
            error = "A username is needed."
        elif not password:
            error = "A password is needed."
        if error is None:
            try:
                get_db().add(User(username=username, password=generate_password_hash(password)))
                get_db().commit()
            except IntegrityError:
                get_db().rollback()
                error = f"{username} is registered already."
            else:
                return redirect(url_for("auth.login"))
        flash(error)
    return render_template("auth/register.html")


@bp.route("/login", methods=("GET", "POST"))
def login():
    if request.method == "POST":
        user = get_db().scalar(select(User).where(User.username == request.form["username"]))
        if user is not None and check_password_hash(user.password, request.form["password"]):
            session.clear()
            session["user_id"] = user.id
            return redirect(url_for("index"))
        flash("Wrong username or password.")
    return render_template("auth/login.html")


@bp.route("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))
