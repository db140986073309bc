"""Caught mail, shown to everybody: registered in development only."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from bastide import FolderMailer
from bastide.flask import public
from blog_shared.pages.mail import mail_page, mail_rows


def make_blueprint(mailer: FolderMailer) -> Blueprint:
    """Return the pages over the folder that mail is written to."""
    blueprint = Blueprint("development", __name__, url_prefix="/dev")

    @blueprint.get("/mail")
    @public
    def mail() -> ResponseReturnValue:
        return render_template("blog/dev_mail.html", rows=mail_rows(url_for, mailer))

    @blueprint.get("/mail/<name>")
    @public
    def message(name: str) -> ResponseReturnValue:
        found = mailer.read_message(name)
        if found is None:
            raise NotFound
        return render_template("blog/dev_message.html", page=mail_page(url_for, found))

    return blueprint
