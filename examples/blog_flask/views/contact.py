"""The contact form: judged, kept and mailed."""

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from bastide import EMAIL, PERSON_NAME, PHONE, EventKind, Outcome, Verdict
from bastide.flask import Form, PlainField, RuleField, draw_rate, form_view, installed_in, public, record
from blog_flask.clock import now
from blog_flask.database import db
from blog_flask.models import ContactMessage
from blog_shared.access import CONTACT_RATE
from blog_shared.contact import mails_of
from blog_shared.events import BlogEvent
from blog_shared.rules import MESSAGE, SUBJECT

blueprint = Blueprint("contact", __name__)


class ContactForm(Form):
    name = RuleField("Your name", PERSON_NAME)
    email = RuleField("Your e-mail", EMAIL)
    phone = RuleField("Telephone", PHONE, description="With the country code.")
    subject = RuleField("Subject", SUBJECT)
    message = RuleField("Message", MESSAGE)
    company = PlainField("Leave this empty", input_type="honeypot")
    started = HiddenField()


@blueprint.route("/contact", methods=["GET", "POST"])
@public
def write() -> ResponseReturnValue:
    form = ContactForm()
    spam = installed_in(current_app).services.spam
    if request.method != "POST":
        form.started.data = spam.issue_stamp(now())
    elif form.validate():
        draw_rate(CONTACT_RATE)
        _keep(form, spam)
        return redirect(url_for("contact.sent"), 303)
    view = form_view(form, action=url_for("contact.write"), submit="Send")
    return make_response(render_template("blog/contact.html", form=view), 400 if view.invalid else 200)


@blueprint.get("/contact/sent")
@public
def sent() -> ResponseReturnValue:
    return render_template("blog/contact_sent.html")


def _keep(form: ContactForm, spam: Any) -> None:
    """Keep the message for the administrators' page and mail it.

    What looks like spam is marked and waits there for a person; it is not mailed, and never dropped.
    """
    judgement = spam.judge(
        form.subject.data, form.message.data, name=form.name.data, email=form.email.data,
        stamp=form.started.data or "", honeypot=form.company.data or "", now=now(),
    )  # fmt: skip
    is_suspicious = judgement.verdict is Verdict.QUEUE
    if is_suspicious:
        record(EventKind.SPAM_QUEUED, Outcome.NOTED, reasons=", ".join(judgement.reasons))
    message = ContactMessage(
        name=form.name.data,
        email=form.email.data,
        phone=form.phone.data,
        subject=form.subject.data,
        body=form.message.data,
        suspicion=", ".join(judgement.reasons)[:300] if is_suspicious else "",
        created_at=now(),
    )
    db().add(message)
    db().commit()
    if not is_suspicious:
        # Kept by now: whatever happens to the mail, the message is on the page.
        for mail in mails_of(message, current_app.config["CONTACT_RECIPIENTS"]):
            installed_in(current_app).services.outbox.send(mail)
        record(BlogEvent.CONTACT_MAILED, target=f"message:{message.id}")
