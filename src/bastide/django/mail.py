"""Outgoing mail through Django's own mailer."""

from django.core.mail import EmailMessage

from bastide.core.foundation import StoreUnavailable
from bastide.core.mail import Message


class DjangoMailer:
    """See ``Mailer``; Django refuses line breaks in headers itself."""

    def send(self, message: Message) -> None:
        """Hand the message over, or raise ``StoreUnavailable``."""
        answers = [message.reply_header] if message.reply_header else []
        mail = EmailMessage(subject=message.subject, body=message.body, to=[message.to], reply_to=answers)
        try:
            mail.send()
        except OSError as error:  # smtplib's own among them
            reason = "the mail could not be handed over"
            raise StoreUnavailable(reason) from error
