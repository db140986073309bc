"""Caught mail, shown to everybody: routed in development only."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from bastide import FolderMailer
from bastide.django import PublicMixin
from blog_django.links import address
from blog_shared.pages.mail import mail_page, mail_rows


def folder() -> FolderMailer:
    return FolderMailer(settings.DATA / "mail")


class Mail(PublicMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "blog/dev_mail.html", {"rows": mail_rows(address, folder())})


class Message(PublicMixin, View):
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        found = folder().read_message(name)
        if found is None:
            raise Http404
        return render(request, "blog/dev_message.html", {"page": mail_page(address, found)})
