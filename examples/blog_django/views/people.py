"""Author pages, one's own profile, and the page before another site."""

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from bastide import PHONE, SSN, WEBSITE, InvalidInput, account_key
from bastide.django import (
    Form,
    Identity,
    LoginRequiredMixin,
    PublicMixin,
    RuleField,
    draw_rate,
    form_view,
    note_change,
    note_reveal,
    principal,
)
from blog_django.links import address
from blog_django.models import Profile, User
from blog_django.views.base import caller_id, done, form_page
from blog_django.views.posts import comment_counts, list_posts, published
from blog_shared.access import SSN_RATE
from blog_shared.lists import page_of
from blog_shared.pages.posts import author_page, ssn_page
from blog_shared.rules import BIO, BIO_HELP, FULL_NAME
from blog_shared.views.people import AwayPage

PAGE_SIZE = 10
SSN_NAME = "social security number"


class ProfileForm(Form):
    full_name = RuleField("Name", FULL_NAME)
    phone = RuleField("Telephone", PHONE, help_text="With the country code. Nobody else sees it.")
    bio = RuleField("About you", BIO, help_text=BIO_HELP)
    website = RuleField("Website", WEBSITE, help_text="Begins with https://")


class SsnForm(Form):
    ssn = RuleField("Number", SSN, help_text="Nine digits, such as 219-09-9999.")


class Author(PublicMixin, View):
    def get(self, request: HttpRequest, username: str) -> HttpResponse:
        user = self.find(username)
        page = page_of(dict(request.GET.lists()), size=PAGE_SIZE)
        own = published(request).filter(author=user).order_by("-published_at", "-id")
        posts, total = list_posts(own, page)
        counts = comment_counts(request, posts)
        view = author_page(address, principal(request), user, posts, counts, total=total, page=page)
        return render(request, "blog/author.html", {"page": view})

    @staticmethod
    def find(username: str) -> User:
        if not username.isprintable():
            raise Http404
        found = Identity.objects.filter(username_key=account_key(username)).values_list("user_id")
        user = User.objects.select_related("profile").filter(pk__in=found).first()
        if user is None:
            raise Http404
        return user


class EditProfile(LoginRequiredMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        stored = self.stored(request)
        start = {name: getattr(stored, name) for name in ProfileForm.base_fields}
        return self.show(request, ProfileForm(initial=start))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        stored = self.stored(request)
        for name, value in form.cleaned_data.items():
            setattr(stored, name, value)
        stored.save()
        return done(request, "Saved.", address("people.profile"))

    @staticmethod
    def stored(request: HttpRequest, database: str | None = None) -> Profile:
        user_id = caller_id(request)
        return Profile.objects.using(database).filter(pk=user_id).first() or Profile(user_id=user_id)

    @staticmethod
    def show(request: HttpRequest, form: ProfileForm) -> HttpResponse:
        view = form_view(form, action=address("people.profile"), submit="Save")
        return form_page(request, "blog/profile_form.html", view, ssn_url=address("people.ssn"))


class SsnView(LoginRequiredMixin, View):
    """What the three calls about one's own number share."""

    needs_fresh = True

    def show(self, request: HttpRequest, form: SsnForm, *, is_whole: bool = False) -> HttpResponse:
        ssn = EditProfile.stored(request).ssn
        view = form_view(form, action=address("people.ssn"), submit="Replace it" if ssn else "Save it")
        return form_page(request, "blog/ssn.html", view, page=ssn_page(address, ssn, is_whole=is_whole))

    def set_to(self, request: HttpRequest, ssn: str | None, text: str) -> HttpResponse:
        with note_change(request, SSN_NAME) as database:
            stored = EditProfile.stored(request, database)
            stored.ssn = ssn
            stored.save(using=database)
        return done(request, text, address("people.ssn"))


class Ssn(SsnView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, SsnForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        draw_rate(request, SSN_RATE)
        form = SsnForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        return self.set_to(request, form.cleaned_data["ssn"], "Saved, and encrypted.")


class RevealSsn(SsnView):
    def post(self, request: HttpRequest) -> HttpResponse:
        draw_rate(request, SSN_RATE)
        note_reveal(request, SSN_NAME)
        return self.show(request, SsnForm(), is_whole=True)


class RemoveSsn(SsnView):
    def post(self, request: HttpRequest) -> HttpResponse:
        return self.set_to(request, None, "Removed.")


class Away(PublicMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        target = WEBSITE.parse(request.GET.get("to", ""))
        if not target or not Profile.objects.filter(website=target).exists():
            # Only addresses that somebody here put on their page: not a redirector for everybody.
            raise InvalidInput("to", "website")
        host = urlsplit(target).hostname or ""
        page = AwayPage(host=host, address=target, back_url=address("posts.index"))
        return render(request, "blog/away.html", {"page": page})
