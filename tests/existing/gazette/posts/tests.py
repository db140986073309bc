import re

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import TestCase
from django.urls import reverse

from posts.models import Post

PASSWORD = "quiet harbour lantern 7"


class Entered(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.maud = get_user_model().objects.create_user("maud", "maud@example.org", PASSWORD)
        cls.tomas = get_user_model().objects.create_user("tomas", "tomas@example.org", PASSWORD)
        cls.maud.user_permissions.add(Permission.objects.get(codename="add_post"))
        cls.draft = Post.objects.create(title="A draft", body="Not yet.", author=cls.maud)
        cls.post = Post.objects.create(title="Out", body="Read me.", author=cls.maud, is_published=True)


class ReadingTests(Entered):
    def test_everybody_reads_what_is_published(self):
        page = self.client.get(reverse("posts:list"))
        self.assertContains(page, "Out")
        self.assertNotContains(page, "A draft")
        self.assertContains(self.client.get(self.post.get_absolute_url()), "Read me.")
        self.assertEqual(self.client.get(self.draft.get_absolute_url()).status_code, 404)


class WritingTests(Entered):
    def test_strangers_are_sent_to_sign_in(self):
        for name in ("posts:drafts", "posts:add"):
            address = reverse(name)
            self.assertRedirects(self.client.get(address), f"{reverse('login')}?next={address}")

    def test_an_author_writes(self):
        self.client.force_login(self.maud)
        answer = self.client.post(reverse("posts:add"), {"title": "New", "body": "Words."}, follow=True)
        self.assertContains(answer, "Your draft is kept.")
        self.assertContains(answer, "New")
        self.assertEqual(Post.objects.get(title="New").author, self.maud)

    def test_readers_do_not_write(self):
        self.client.force_login(self.tomas)
        self.assertEqual(self.client.get(reverse("posts:add")).status_code, 403)
        self.assertEqual(self.client.get(reverse("posts:edit", args=[self.draft.pk])).status_code, 403)

    def test_an_author_edits(self):
        self.client.login(username="maud", password=PASSWORD)
        address = reverse("posts:edit", args=[self.draft.pk])
        self.assertRedirects(
            self.client.post(address, {"title": "Better", "body": "Words."}), reverse("posts:drafts")
        )
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.title, "Better")

    def test_publishing_needs_the_right(self):
        address = reverse("posts:publish", args=[self.draft.pk])
        self.client.force_login(self.maud)
        self.assertEqual(self.client.post(address).status_code, 403)
        self.maud.user_permissions.add(Permission.objects.get(codename="publish_post"))
        self.assertRedirects(self.client.post(address), self.draft.get_absolute_url())


class AccountTests(Entered):
    def test_signing_up_and_in_and_out(self):
        form = {"username": "ines", "email": "ines@example.org", "password1": PASSWORD, "password2": PASSWORD}
        self.assertRedirects(self.client.post(reverse("posts:sign_up"), form), reverse("login"))
        entered = self.client.post(reverse("login"), {"username": "ines", "password": PASSWORD})
        self.assertRedirects(entered, reverse("posts:list"))
        self.assertContains(self.client.get(reverse("posts:list")), "ines")
        self.client.post(reverse("logout"))
        self.assertNotContains(self.client.get(reverse("posts:list")), "ines")

    def test_a_name_that_is_taken(self):
        form = {"username": "maud", "email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
        answer = self.client.post(reverse("posts:sign_up"), form)
        self.assertContains(answer, "A user with that username already exists.")

    def test_a_wrong_password(self):
        answer = self.client.post(reverse("login"), {"username": "maud", "password": "wrong"})
        self.assertContains(answer, "Please enter a correct username and password.")

    def test_the_next_address_is_kept(self):
        address = f"{reverse('login')}?next={reverse('posts:drafts')}"
        form = {"username": "maud", "password": PASSWORD, "next": reverse("posts:drafts")}
        self.assertRedirects(self.client.post(address, form), reverse("posts:drafts"))

    def test_changing_the_password(self):
        self.client.login(username="maud", password=PASSWORD)
        new = "another harbour lantern 8"
        form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        answer = self.client.post(reverse("password_change"), form)
        self.assertRedirects(answer, reverse("password_change_done"))
        self.assertEqual(self.client.get(reverse("posts:drafts")).status_code, 200)
        self.client.logout()
        self.assertTrue(self.client.login(username="maud", password=new))

    def test_resetting_the_password(self):
        answer = self.client.post(reverse("password_reset"), {"email": "maud@example.org"})
        self.assertRedirects(answer, reverse("password_reset_done"))
        address = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
        form = self.client.get(address, follow=True)
        new = "another harbour lantern 8"
        done = self.client.post(form.request["PATH_INFO"], {"new_password1": new, "new_password2": new})
        self.assertRedirects(done, reverse("password_reset_complete"))
        self.assertTrue(self.client.login(username="maud", password=new))


class AdminTests(Entered):
    def test_staff_manages_posts(self):
        get_user_model().objects.create_superuser("boss", "boss@example.org", PASSWORD)
        self.client.login(username="boss", password=PASSWORD)
        self.assertContains(self.client.get("/admin/posts/post/"), "A draft")
        address = f"/admin/posts/post/{self.draft.pk}/change/"
        form = {"title": "Edited", "body": "Words.", "author": self.maud.pk}
        self.assertRedirects(self.client.post(address, form), "/admin/posts/post/")

    def test_others_are_sent_away(self):
        self.client.force_login(self.maud)
        self.assertEqual(self.client.get("/admin/").status_code, 302)
