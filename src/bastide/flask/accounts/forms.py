"""The forms of the account pages."""

from wtforms import HiddenField

from bastide.core.inputs import EMAIL, USERNAME
from bastide.flask.forms import Form, PlainField, RuleField, SecretField
from bastide.pages import MESSAGES as T


class SignInForm(Form):
    """Name and password; ``next`` says where to go on."""

    name = PlainField(T.name_or_email, autocomplete="username")
    password = SecretField(T.password, autocomplete="current-password")
    next = HiddenField()


class RegisterForm(Form):
    """The address that the link goes to."""

    email = RuleField(T.email, EMAIL, description=T.email_help)


class _NewPassword(Form):
    """Passwords are typed twice; a difference is an error of the second."""

    def validate(self, extra_validators: object = None) -> bool:
        """Tell whether every field is valid and the two passwords are one."""
        is_valid = super().validate(extra_validators)
        if self.password.data != self.password_again.data:
            self.password_again.errors = [*self.password_again.errors, T.error_text("different", {})]
            return False
        return is_valid


class CompleteForm(_NewPassword):
    """Name and password behind the mailed link."""

    username = RuleField(T.username, USERNAME, description=T.username_help)
    password = SecretField(T.new_password, autocomplete="new-password", description=T.password_help)
    password_again = SecretField(T.password_again, autocomplete="new-password")


class InvitationForm(_NewPassword):
    """Address, name and password behind an invitation."""

    email = RuleField(T.email, EMAIL, description=T.email_help)
    username = RuleField(T.username, USERNAME, description=T.username_help)
    password = SecretField(T.new_password, autocomplete="new-password", description=T.password_help)
    password_again = SecretField(T.password_again, autocomplete="new-password")


class ConfirmForm(Form):
    """The password once more; ``next`` says where to go on."""

    password = SecretField(T.password, autocomplete="current-password")
    next = HiddenField()


class PasswordForm(_NewPassword):
    """The present password and the next."""

    current_password = SecretField(T.current_password, autocomplete="current-password")
    password = SecretField(T.new_password, autocomplete="new-password", description=T.password_help)
    password_again = SecretField(T.password_again, autocomplete="new-password")
