"""The contact form: judged, kept and mailed."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from bastide import EMAIL, PERSON_NAME, PHONE, EventKind, Outcome, Verdict
from bastide.django import Form, PlainField, PublicMixin, RuleField, bastide, draw_rate, form_view, record
from blog_django.clock import now
from blog_django.links import address
from blog_django.models import ContactMessage
from blog_django.views.base import form_page, go_to
from blog_shared.access import CONTACT_RATE
from blog_shared.contact import mails_of
from blog_shared.events import BlogEvent
from blog_shared.rules import MESSAGE, SUBJECT


class ContactForm(Form):
    name = RuleField("Your name", PERSON_NAME)
    email = RuleField("Your e-mail", EMAIL)
    phone = RuleField("Telephone", PHONE, help_text="With the country code.")
    subject = RuleField("Subject", SUBJECT)
    message = RuleField("Message", MESSAGE)
    company = PlainField("Leave this empty", input_type="honeypot")
    started = PlainField(input_type="hidden")


class Write(PublicMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(
            request, ContactForm(initial={"started": bastide().services.spam.issue_stamp(now())})
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ContactForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        draw_rate(request, CONTACT_RATE)
        keep(request, form.cleaned_data)
        return go_to(address("contact.sent"))

    @staticmethod
    def show(request: HttpRequest, form: ContactForm) -> HttpResponse:
        view = form_view(form, action=address("contact.write"), submit="Send")
        return form_page(request, "blog/contact.html", view)


class Sent(PublicMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "blog/contact_sent.html")


def keep(request: HttpRequest, values: dict[str, Any]) -> None:
    """Keep the message for the administrators' page and mail it.

    What looks like spam is marked and waits there for a person; it is not mailed, and never dropped.
    """
    judgement = bastide().services.spam.judge(
        values["subject"], values["message"], name=values["name"], email=values["email"],
        stamp=values["started"], honeypot=values["company"], now=now(),
    )  # fmt: skip
    is_suspicious = judgement.verdict is Verdict.QUEUE
    if is_suspicious:
        record(request, EventKind.SPAM_QUEUED, Outcome.NOTED, reasons=", ".join(judgement.reasons))
    message = ContactMessage.objects.create(
        name=values["name"],
        email=values["email"],
        phone=values["phone"],
        subject=values["subject"],
        body=values["message"],
        suspicion=", ".join(judgement.reasons)[:300] if is_suspicious else "",
        created_at=now(),
    )
    if not is_suspicious:
        # Kept by now: whatever happens to the mail, the message is on the page.
        for mail in mails_of(message, settings.CONTACT_RECIPIENTS):
            bastide().services.outbox.send(mail)
        record(request, BlogEvent.CONTACT_MAILED, target=f"message:{message.id}")
