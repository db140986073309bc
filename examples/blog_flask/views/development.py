"""Caught mail, shown to everybody: registered in development only."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from bastide.flask import public
from bastide.mailers import FolderMailer
from blog_flask.present import minute
from blog_shared.views import MailPage, MailRow

_LINK = re.compile(r"https?://localhost[^\s<>\"']+")


def make_blueprint(mailer: FolderMailer) -> Blueprint:
    """Return the pages over the folder that mail is written to."""
    blueprint = Blueprint("development", __name__, url_prefix="/dev")

    @blueprint.get("/mail")
    @public
    def mail() -> ResponseReturnValue:
        rows = []
        for name in mailer.list_messages():
            found = mailer.read_message(name)
            if found is not None:
                at = minute(parsedate_to_datetime(found["Date"]).astimezone(UTC))
                url = url_for("development.message", name=name)
                rows.append(MailRow(subject=found["Subject"], to=found["To"], at=at, url=url))
        return render_template("blog/dev_mail.html", rows=rows)

    @blueprint.get("/mail/<name>")
    @public
    def message(name: str) -> ResponseReturnValue:
        found = mailer.read_message(name)
        if found is None:
            raise NotFound
        body = found.get_content()
        view = MailPage(
            subject=found["Subject"],
            to=found["To"],
            sender=found["From"],
            at=minute(parsedate_to_datetime(found["Date"]).astimezone(UTC)),
            body=body,
            links=tuple(_LINK.findall(body)),
            back_url=url_for("development.mail"),
        )
        return render_template("blog/dev_message.html", page=view)

    return blueprint
