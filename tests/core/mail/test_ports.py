"""Every store of mail and every way to hand it over takes what the ports say."""

from bastide.core.mail import Mailer, MailStore
from bastide.django.mail import DjangoMailer
from bastide.mailers import FolderMailer, SmtpMailer
from support.ports import keepers_of, taken_otherwise


def test_every_store_of_mail_is_one() -> None:
    assert taken_otherwise(MailStore, *keepers_of(MailStore)) == []


def test_every_mailer_is_one() -> None:
    assert taken_otherwise(Mailer, DjangoMailer, FolderMailer, SmtpMailer) == []
