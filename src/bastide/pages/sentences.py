"""The sentences of the account pages, of events and of broken rules, in the language they are written in."""

from collections.abc import Mapping
from typing import Final


def gettext_noop(sentence: str) -> str:
    """Return ``sentence`` as it is; the name makes extraction tools collect it."""
    return sentence


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Return both forms as they are; see ``gettext_noop``."""
    return singular, plural


SENTENCES: Final[Mapping[str, str]] = {
    # The frame
    "skip_to_content": gettext_noop("Skip to the content"),
    "account_menu": gettext_noop("Your account"),
    "problem_prefix": gettext_noop("Problem:"),
    "problem_heading": gettext_noop("Please put this right first"),
    "optional": gettext_noop("optional"),
    "back_home": gettext_noop("Back to the front page"),
    # Signing in and out
    "sign_in": gettext_noop("Sign in"),
    "sign_out": gettext_noop("Sign out"),
    "sign_in_lead": gettext_noop("Good to see you again."),
    "sign_in_refused": gettext_noop(
        "That name and password do not fit together, or signing in has to wait for a while."
    ),
    "sign_in_needed": gettext_noop("Please sign in to go on."),
    "signed_in": gettext_noop("You are signed in."),
    "signed_out": gettext_noop("You are signed out."),
    "no_account": gettext_noop("No account yet?"),
    # Fields
    "name_or_email": gettext_noop("User name or e-mail"),
    "username": gettext_noop("User name"),
    "username_help": gettext_noop(
        "Up to {username_length} letters, digits or underscores. Everybody can see it."
    ),
    "email": gettext_noop("E-mail"),
    "email_help": gettext_noop("Only used for messages about your account."),
    "password": gettext_noop("Password"),
    "new_password": gettext_noop("New password"),
    "current_password": gettext_noop("Current password"),
    "password_again": gettext_noop("The same password again"),
    "password_of_any_kind": gettext_noop(
        "{plain} characters or more of any kind, such as a few words. Your password manager may fill it in."
    ),
    "password_of_all_classes": gettext_noop(
        "{mixed} characters or more, among them capitals, small letters, digits and signs. Your password "
        "manager may fill it in."
    ),
    "password_of_either": gettext_noop(
        "{plain} characters or more of any kind, such as a few words; or {mixed} with capitals, small "
        "letters, digits and signs. Your password manager may fill it in."
    ),
    # Registering
    "register": gettext_noop("Create an account"),
    "register_lead": gettext_noop("Tell us where to reach you. We send a link to go on with."),
    "register_submit": gettext_noop("Send the link"),
    "have_account": gettext_noop("Already have an account?"),
    "register_sent": gettext_noop("Look in your mail"),
    "register_sent_text": gettext_noop(
        "If an account can be made for that address, a link is on its way. It works once, for "
        "{registration_lifetime}."
    ),
    "register_sent_hint": gettext_noop("Nothing there? Look among the unwanted mail, or ask once more."),
    "try_again": gettext_noop("Ask once more"),
    "register_complete": gettext_noop("Choose a name and a password"),
    "register_complete_lead": gettext_noop("Your address is confirmed. Two more things and you are in."),
    "register_complete_submit": gettext_noop("Create the account"),
    "registered": gettext_noop("Your account is ready. Please sign in."),
    "username_taken": gettext_noop("That name is taken. Please choose another one."),
    "link_spent": gettext_noop("This link has been used or is too old. Please ask for a new one."),
    "invitation": gettext_noop("You are invited"),
    "invitation_lead": gettext_noop(
        "Choose a name and a password, and say where messages about your account go."
    ),
    "invitation_submit": gettext_noop("Accept the invitation"),
    # A forgotten password
    "reset": gettext_noop("Forgot your password?"),
    "reset_lead": gettext_noop("Tell us your address. We send a link to choose a new password with."),
    "reset_submit": gettext_noop("Send the link"),
    "reset_sent_text": gettext_noop(
        "If an account has that address, a link is on its way. It works once, for {reset_lifetime}."
    ),
    "reset_complete": gettext_noop("Choose a new password"),
    "reset_complete_lead": gettext_noop("Every device you are signed in on will be signed out."),
    "reset_complete_submit": gettext_noop("Set the password"),
    "password_reset": gettext_noop("Your password is set. Please sign in with it."),
    # A second factor
    "factor": gettext_noop("One more step"),
    "factor_lead": gettext_noop("Your password is right. Now the second factor, please."),
    "factor_code": gettext_noop("Code"),
    "factor_code_help": gettext_noop(
        "The {code_digits} digits that your authenticator shows, or one of your backup codes."
    ),
    "factor_submit": gettext_noop("Go on"),
    "factor_refused": gettext_noop(
        "That code is wrong or was used before: wait for the next one. Or signing in has to wait for a while."
    ),
    "factor_start_over": gettext_noop("Sign in as somebody else"),
    "factors": gettext_noop("Second factor"),
    "factors_on": gettext_noop("On: a password alone opens nothing."),
    "factors_off": gettext_noop(
        "Off. With a passkey or an authenticator app, a stolen password alone opens nothing."
    ),
    "factor_begin": gettext_noop("Set it up"),
    "factor_remove": gettext_noop("Turn it off"),
    "factor_removed": gettext_noop("The authenticator is off; other devices are signed out."),
    "factor_added": gettext_noop("The authenticator is on; other devices are signed out."),
    "authenticator": gettext_noop("Authenticator app"),
    "authenticator_lead": gettext_noop(
        "An app that shows {code_digits} digits, new ones every {code_period}."
    ),
    "codes_lead": gettext_noop("For the day on which your second factor is lost."),
    # Passkeys
    "passkeys": gettext_noop("Passkeys"),
    "passkeys_lead": gettext_noop(
        "A passkey lives in your phone, your computer or a security key. It signs you in by itself or "
        "beside your password, and no false site can ask for it."
    ),
    "passkey_name": gettext_noop("Name of the passkey"),
    "passkey_name_help": gettext_noop("To tell it from others, such as “Phone” or “Key in the drawer”."),
    "passkey_new_name": gettext_noop("New name"),
    "passkey_add": gettext_noop("Add a passkey"),
    "passkey_rename": gettext_noop("Rename"),
    "passkey_remove": gettext_noop("Remove"),
    "passkey_created": gettext_noop("Added"),
    "passkey_last_used": gettext_noop("Last used"),
    "passkey_unused": gettext_noop("never"),
    "passkey_backed_up": gettext_noop("synchronised"),
    "passkey_added": gettext_noop("Your passkey is added; other devices are signed out."),
    "passkey_renamed": gettext_noop("Your passkey has its new name."),
    "passkey_removed": gettext_noop("Your passkey is removed; other devices are signed out."),
    "passkey_not_added": gettext_noop("The passkey was not added. Please try once more."),
    "passkey_sign_in": gettext_noop("Sign in with a passkey"),
    "passkey_use": gettext_noop("Use a passkey"),
    "passkey_refused": gettext_noop("That passkey was not accepted, or signing in has to wait for a while."),
    "passkey_failed": gettext_noop(
        "Your browser gave no passkey. Please try once more, or go on without one."
    ),
    "passkey_not_made": gettext_noop(
        "Your browser made no passkey. A device that is listed here already is not added twice."
    ),
    "passkeys_full": gettext_noop("That is as many passkeys as an account may have."),
    "passkey_needs_script": gettext_noop(
        "To use passkeys here, your browser has to know them and run scripts."
    ),
    "codes_left": gettext_noop("Backup codes left"),
    "codes_renew": gettext_noop("New backup codes"),
    "totp": gettext_noop("Set up your authenticator"),
    "totp_lead": gettext_noop("Scan the picture with your authenticator, then type the code it shows."),
    "totp_qr": gettext_noop("QR code with the key below"),
    "totp_key": gettext_noop("No camera? Type this key:"),
    "totp_code": gettext_noop("Code from the authenticator"),
    "totp_submit": gettext_noop("Turn it on"),
    "backup_codes": gettext_noop("Your backup codes"),
    "backup_codes_lead": gettext_noop(
        "Each signs you in once, when your second factor is not at hand. Keep them on paper; they are not "
        "shown again."
    ),
    "backup_codes_done": gettext_noop("I have kept them"),
    # Another address
    "change_email": gettext_noop("Change the address"),
    "change_email_lead": gettext_noop(
        "We send a link to the new address. Nothing changes before you open it, in this browser."
    ),
    "change_email_submit": gettext_noop("Send the link"),
    "new_email": gettext_noop("New e-mail"),
    "email_sent_text": gettext_noop(
        "If that address can be used, a link is on its way there. It works once, for {email_change_lifetime}."
    ),
    "confirm_email": gettext_noop("Use this address?"),
    "confirm_email_lead": gettext_noop(
        "Messages about your account will go there. Every other device will be signed out."
    ),
    "confirm_email_submit": gettext_noop("Use it"),
    "email_changed": gettext_noop("Your address is changed; other devices are signed out."),
    # The account
    "devices": gettext_noop("Your devices"),
    "devices_lead": gettext_noop(
        "Where you are signed in. End what you do not know, and change the password."
    ),
    "device_current": gettext_noop("this one"),
    "device_network": gettext_noop("Address"),
    "device_first_seen": gettext_noop("Signed in"),
    "device_last_seen": gettext_noop("Last used"),
    "device_end": gettext_noop("Sign out"),
    "devices_end_others": gettext_noop("Sign out everywhere else"),
    "session_ended": gettext_noop("Done: signed out there."),
    "confirm": gettext_noop("Is it still you?"),
    "confirm_lead": gettext_noop("What comes next is sensitive, so please show once more that it is you."),
    "confirm_submit": gettext_noop("Confirm"),
    "confirm_refused": gettext_noop("That is not right, or confirming has to wait for a while."),
    "account": gettext_noop("Your account"),
    "roles": gettext_noop("Roles"),
    "no_roles": gettext_noop("None"),
    "change_password": gettext_noop("Change the password"),
    "change_password_lead": gettext_noop("Every other device you are signed in on will be signed out."),
    "change_password_submit": gettext_noop("Change the password"),
    "keep_tokens": gettext_noop("Keep my API tokens"),
    "keep_tokens_help": gettext_noop("Otherwise they are revoked, and programs that use them stop working."),
    "password_changed": gettext_noop("Your password is changed; other devices are signed out."),
    "current_password_wrong": gettext_noop("That is not your current password."),
    "activity": gettext_noop("Activity"),
    "activity_lead": gettext_noop(
        "What happened to your account. If something was not you, change the password and end your sessions."
    ),
    "activity_latest": gettext_noop("Latest activity"),
    "activity_all": gettext_noop("All activity"),
    "activity_none": gettext_noop("Nothing has happened yet."),
    "activity_new": gettext_noop("new"),
    "activity_alarming": gettext_noop("failed"),
    "activity_pages": gettext_noop("Pages of activity"),
    "activity_page": gettext_noop("Page {number} of {last}"),
    "activity_newer": gettext_noop("Newer"),
    "activity_older": gettext_noop("Older"),
    "activity_other": gettext_noop("The account of somebody else was changed from yours."),
    # API tokens
    "tokens": gettext_noop("API tokens"),
    "tokens_lead": gettext_noop(
        "A token lets a program act for you, within the rights you tick and for no longer than you say."
    ),
    "token_new": gettext_noop("A new token"),
    "token_name": gettext_noop("Name"),
    "token_name_help": gettext_noop("What it is for, such as “Backup script”."),
    "token_lifetime": gettext_noop("Good for"),
    "token_scopes": gettext_noop("May"),
    "token_id": gettext_noop("Begins with"),
    "token_created": gettext_noop("Issued"),
    "token_expires": gettext_noop("Ends"),
    "token_last_used": gettext_noop("Last used"),
    "token_unused": gettext_noop("never"),
    "token_issue": gettext_noop("Issue the token"),
    "token_issued": gettext_noop("Your new token"),
    "token_issued_lead": gettext_noop("Copy it now: it is not shown again. Whoever has it can act for you."),
    "token_kept": gettext_noop("I have kept it"),
    "token_revoke": gettext_noop("Revoke"),
    "token_revoked": gettext_noop("Revoked: it opens nothing any more."),
    "tokens_revoke_all": gettext_noop("Revoke all"),
    "tokens_full": gettext_noop("That is as many tokens as an account may have."),
    "token_no_rights": gettext_noop("Your account has no rights that a token could use."),
    # The error page
    "request_id": gettext_noop("If you write to us about this, quote"),
    "error_400_title": gettext_noop("That did not arrive in one piece"),
    "error_400_text": gettext_noop(
        "The request could not be understood. Going back and trying again may help."
    ),
    "error_403_title": gettext_noop("This door is not yours"),
    "error_403_text": gettext_noop("Your account does not have the right to do that."),
    "error_404_title": gettext_noop("Nothing here"),
    "error_404_text": gettext_noop("The page was moved or removed, or it never was."),
    "error_405_title": gettext_noop("Not this way"),
    "error_405_text": gettext_noop("This address does not take that kind of request."),
    "error_409_title": gettext_noop("Not as things stand"),
    "error_409_text": gettext_noop("What is there already is in the way of that."),
    "error_412_title": gettext_noop("Changed meanwhile"),
    "error_412_text": gettext_noop("This is no longer what you saw; please look at it again first."),
    "error_413_title": gettext_noop("Too large"),
    "error_413_text": gettext_noop(
        "What you sent is larger than this page takes. Please make it smaller, or send it in parts."
    ),
    "error_415_title": gettext_noop("Not in this form"),
    "error_415_text": gettext_noop("This address does not take what you sent in that format."),
    "error_429_title": gettext_noop("A little slower, please"),
    "error_429_text": gettext_noop("There were too many requests. Please wait a while and try again."),
    "error_500_title": gettext_noop("Something broke on our side"),
    "error_500_text": gettext_noop("It has been written down and will be looked at. Please try again later."),
    "error_503_title": gettext_noop("Out for a moment"),
    "error_503_text": gettext_noop(
        "A part of the site cannot be reached just now. Please try again shortly."
    ),
    "plain_http_title": gettext_noop("Only over HTTPS"),
    "plain_http_text": gettext_noop(
        "This came over plain HTTP, where others can read it. If an API token came with it, it is revoked: "
        "make a new one, and send it over HTTPS."
    ),
    "token_in_query_title": gettext_noop("Not in the address"),
    "token_in_query_text": gettext_noop(
        "An API token came in the address, where histories and logs keep it. It is revoked: make a new one, "
        "and send it in the Authorization header."
    ),
    "token_refused_title": gettext_noop("That token opens nothing"),
    "token_refused_text": gettext_noop("The API token is wrong, expired or revoked."),
    "form_expired_title": gettext_noop("This form is too old"),
    "form_expired_text": gettext_noop("Please go back, load the page again and send it once more."),
    "form_changed_text": gettext_noop(
        "Your session has changed since it was opened, as it does when you sign in, confirm or sign out in "
        "another tab. Nothing was done yet: look at what you sent, and send it again."
    ),
    "no_cookie_title": gettext_noop("Your browser sent no cookie"),
    "no_cookie_text": gettext_noop(
        "Forms need one here. Allow cookies for this site, load the page again and send it once more."
    ),
    "no_cookie_plain_text": gettext_noop(
        "Forms need one here, and some browsers (Safari) keep none over plain HTTP, even on this machine. "
        "Open the site over HTTPS, or with another browser."
    ),
    "sign_in_renewed": gettext_noop(
        "You were signed out because this site's sign-in was renewed. "
        "Sign in again with the password you have."
    ),
    "signed_out_title": gettext_noop("You are signed out"),
    "signed_out_text": gettext_noop(
        "Nothing was done yet. Sign in, which opens another tab; then come back here and send this again."
    ),
    "confirm_first_text": gettext_noop(
        "Nothing was done yet. Show once more that it is you, which opens another tab; then come back here "
        "and send this again."
    ),
    "factors_first_text": gettext_noop(
        "Nothing was done yet. Set up a second factor, which opens another tab; then come back here and send "
        "this again."
    ),
    "resend": gettext_noop("Send again"),
    "resent_heading": gettext_noop("What you sent"),
    "resent_secrets": gettext_noop("Passwords and codes are not kept: please type them anew."),
    "resent_files": gettext_noop("Files are not kept: please choose them anew."),
}

# What owners read about their account, by kind of event; a kind without a sentence is not shown to them.
EVENT_SENTENCES: Final[Mapping[str, str]] = {
    "account:login:success": gettext_noop("Signed in with the password or a passkey."),
    "account:login:failure": gettext_noop("A sign-in failed."),
    "account:login:refused": gettext_noop("A sign-in was refused, since too many had failed."),
    "account:logout:success": gettext_noop("Signed out."),
    "account:confirm:success": gettext_noop("Confirmed with the password or the second factor."),
    "account:confirm:failure": gettext_noop("Confirming failed."),
    "account:confirm:refused": gettext_noop("Confirming was refused, since too many tries had failed."),
    "account:factor:needed": gettext_noop("The password was right; the second factor was asked for."),
    "account:factor:success": gettext_noop("Signed in with password and second factor."),
    "account:factor:failure": gettext_noop(
        "The password was right, but the code of the second factor was not."
    ),
    "account:factor:refused": gettext_noop("A code was refused, since too many had failed."),
    "account:factor:added": gettext_noop("The second factor was turned on."),
    "account:factor:removed": gettext_noop("The second factor was turned off."),
    "account:factor:codes_renewed": gettext_noop("The backup codes were replaced."),
    "account:passkey:renamed": gettext_noop("A passkey was renamed."),
    "account:passkey:counter_refused": gettext_noop("A passkey was refused: its counter did not go on."),
    "account:token:issued": gettext_noop("An API token was issued."),
    "account:token:revoked": gettext_noop("An API token was revoked."),
    "account:token:refused": gettext_noop("An API token of yours was refused."),
    "account:token:exposed": gettext_noop(
        "An API token was sent where others can read it, and is revoked for that."
    ),
    "account:value:revealed": gettext_noop("A value that is kept encrypted was shown in full."),
    "account:value:changed": gettext_noop("A value that is kept encrypted was changed."),
    "account:lock:set": gettext_noop("Signing in was locked for a while after too many failures."),
    "account:lock:lifted": gettext_noop("A lock on signing in was lifted."),
    "account:registration:success": gettext_noop("The account was made."),
    "account:password:changed": gettext_noop("The password was changed."),
    "account:reset:requested": gettext_noop("Somebody asked for a link to a new password."),
    "account:password:reset": gettext_noop("The password was set anew through a mailed link."),
    "account:status:disabled": gettext_noop("The account was disabled."),
    "account:status:enabled": gettext_noop("The account was enabled."),
    "account:role:granted": gettext_noop("The account was given a role."),
    "account:role:revoked": gettext_noop("A role was taken from the account."),
    "account:name:changed": gettext_noop("The account got another user name."),
    "account:email:change_requested": gettext_noop("A link to use another address was asked for."),
    "account:email:changed": gettext_noop("The address was changed."),
    "session:end:requested": gettext_noop("Sessions were ended."),
}

# So many of something, by unit.
COUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "days": ngettext_noop("{number} day", "{number} days"),
    "hours": ngettext_noop("{number} hour", "{number} hours"),
    "minutes": ngettext_noop("{number} minute", "{number} minutes"),
    "seconds": ngettext_noop("{number} second", "{number} seconds"),
}

ERROR_SENTENCES: Final[Mapping[str, str]] = {
    "required": gettext_noop("Please fill this in."),
    "too_short": gettext_noop("This needs at least {min} characters."),
    "too_long": gettext_noop("This takes at most {max} characters."),
    "too_few_words": gettext_noop("This needs at least {min} words."),
    "too_deep": gettext_noop("This is nested too deeply: {max} levels are the most."),
    "too_many_brackets": gettext_noop("There are too many square brackets in one paragraph here."),
    "too_many_cells": gettext_noop("A table here has too many cells: {max} are the most."),
    "control_characters": gettext_noop("This holds characters that cannot be shown. Please take them out."),
    "line_breaks": gettext_noop("This must be on one line."),
    "characters": gettext_noop("Only letters, digits and underscores, beginning with a letter or digit."),
    "mixed_scripts": gettext_noop("Please keep to the letters of one alphabet."),
    "invisible": gettext_noop("This shows nothing that can be read."),
    "reserved": gettext_noop("That name is kept for the site itself."),
    "taken": gettext_noop("That is taken already. Please choose another."),
    "email": gettext_noop("This is not an e-mail address."),
    "phone": gettext_noop("Please give the number with its country code, such as +44 20 7946 0000."),
    "website": gettext_noop("Please give a public address that begins with https://."),
    "too_many_tags": gettext_noop("At most {max} tags."),
    "tag_characters": gettext_noop("Tags hold letters, digits, - and _, at most {max} characters each."),
    "scopes_required": gettext_noop("Please tick at least one right."),
    "scopes_undeclared": gettext_noop("You cannot give away a right that you do not have."),
    "undeclared": gettext_noop("This is not one of the choices."),
    "ssn": gettext_noop("Nine digits, such as 219-09-9999, please; this number was never issued."),
    "page": gettext_noop("There is no such page number."),
    "identifier": gettext_noop("There is no such id."),
    "unknown_field": gettext_noop("A field was sent that does not belong here."),
    "repeated_field": gettext_noop("This field was sent more than once."),
    "wrong_type": gettext_noop("This has to be {expected}."),
    "not_json": gettext_noop("This is not JSON."),
    "not_an_object": gettext_noop("This has to be an object."),
    "wrong_code": gettext_noop("That is not the code of this moment. Please type the next one."),
    "different": gettext_noop("The two passwords differ."),
    "common": gettext_noop("Too many people use a password like this. Please choose another."),
    "breached": gettext_noop("This password is known from a data breach. Please choose another."),
    "context": gettext_noop("The password must not be your name, your address or the name of the site."),
    "needs_classes": gettext_noop(
        "Below {min} characters, it needs capitals, small letters, digits and signs."
    ),
    "always_needs_classes": gettext_noop("This needs capitals, small letters, digits and signs."),
    "last_holder": gettext_noop("Somebody active has to keep this role."),
    "file_required": gettext_noop("Please choose one file."),
    "file_extension": gettext_noop(
        "Files of this kind are not taken; these are: {allowed}. Please save it as one of them and send that."
    ),
    "file_type": gettext_noop(
        "The name says {expected}, but the file was sent as another kind. Please give it the "
        "ending of what it is and send it again."
    ),
    "file_content": gettext_noop(
        "The name says {expected}, but the content is {seen}. Please give it the ending of what "
        "it is, or save it anew, and send it again."
    ),
    "file_empty": gettext_noop("The file is empty. Please choose another."),
    "file_too_large": gettext_noop(
        "The file has {seen} MiB; {max} MiB are taken at most. Please make it smaller, or send it in parts."
    ),
    "file_broken": gettext_noop(
        "The file is damaged or not complete. Please open it, save it anew and send that."
    ),
    "file_pixels": gettext_noop(
        "The image has {seen} pixels, all its pictures together; {max} are taken at most. Please save it "
        "smaller and send that."
    ),
    "file_memory": gettext_noop(
        "Opening the image takes {seen} MiB of memory; {max} MiB are given at most. Please save it smaller, "
        "or as JPEG, and send that."
    ),
    "file_frames": gettext_noop(
        "The animation has {seen} pictures; {max} are taken at most. Please shorten it and send that."
    ),
    "file_encrypted": gettext_noop(
        "The document is encrypted or asks for a password. Please save it without one and send it again."
    ),
    "file_attached": gettext_noop(
        "The document carries other files. Please take them out, or print it to a PDF, and send it again."
    ),
    "file_media": gettext_noop(
        "The document holds films, sounds or models. Please print it to a PDF and send that."
    ),
    "file_form": gettext_noop(
        "The document is a form that only some programs show (XFA). Please print it to a PDF and send that."
    ),
    "file_external": gettext_noop(
        "Parts of the document are kept elsewhere. Please print it to a PDF and send that."
    ),
    "file_unreadable": gettext_noop(
        "The document is coded in a way that cannot be checked. Please print it to a PDF and send that."
    ),
    "file_hidden": gettext_noop(
        "Behind the document another file is hidden: a page or an archive. Please print it to a "
        "PDF and send that."
    ),
    "file_pages": gettext_noop("The document has more than {max} pages. Please send it in parts."),
    "file_entries": gettext_noop(
        "The document holds more objects than can be checked. Please send it in parts."
    ),
    "file_depth": gettext_noop(
        "The document is nested more deeply than can be checked. Please print it to a PDF and send that."
    ),
    "file_slow": gettext_noop("The document takes too long to check. Please send it in parts."),
    "file_inflated": gettext_noop(
        "The document unpacks to more than {max} MiB. Please send it in parts, or with smaller pictures."
    ),
    "file_encoding": gettext_noop(
        "The text is not UTF-8: its line {line} cannot be read. Please save it as UTF-8 and send it again."
    ),
    "file_controls": gettext_noop(
        "The text holds a control character, {seen}, in line {line}. Please take it out, or save "
        "it as plain text, and send it again."
    ),
    "file_markup": gettext_noop(
        "The text begins as a page, a script or a picture does. Please write a line of words "
        "above that and send it again."
    ),
    "file_infected": gettext_noop(
        "The virus scanner found malware in the file, so it was not kept. Please check the "
        "device it comes from."
    ),
    "quota": gettext_noop(
        "Your files may be {files} at most, with {max} MiB in all, and this one does not fit in. "
        "Please remove some first."
    ),
}

GENERIC_ERROR: Final = gettext_noop("This is not valid. Please check it.")

# Subject and body of mails, by `MailText`.
MAIL_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "registration_link": (
        gettext_noop("Confirm your address for {site}"),
        gettext_noop(
            "Hello,\n\nplease open this address to choose your name and password for {site}:\n\n{link}\n\n"
            "It works once, for {lifetime}. If you did not ask for it, there is nothing to do.\n"
        ),
    ),
    "registration_note": (
        gettext_noop("You already have an account at {site}"),
        gettext_noop(
            "Hello,\n\nsomebody asked for a new account at {site} with this address, which has one already."
            " If it was you, just sign in. If it was not, there is nothing to do.\n"
        ),
    ),
    "reset_link": (
        gettext_noop("Choose a new password for {site}"),
        gettext_noop(
            "Hello,\n\nplease open this address to choose a new password for {site}:\n\n{link}\n\n"
            "It works once, for {lifetime}. If you did not ask for it, there is nothing to do: your password"
            " stays as it is.\n"
        ),
    ),
    "reset_note": (
        gettext_noop("No account at {site}"),
        gettext_noop(
            "Hello,\n\nsomebody asked for a new password at {site} with this address, which has no account"
            " there. If it was you, try another address of yours. If it was not, there is nothing to do.\n"
        ),
    ),
    "email_link": (
        gettext_noop("Confirm your new address for {site}"),
        gettext_noop(
            "Hello {username},\n\nplease open this address, in the browser you are signed in with, to use"
            " this mailbox for your account at {site}:\n\n{link}\n\n"
            "It works once, for {lifetime}. If you did not ask for it, there is nothing to do.\n"
        ),
    ),
    "email_note": (
        gettext_noop("You already have an account at {site}"),
        gettext_noop(
            "Hello,\n\nsomebody wanted to use this address for another account at {site}, and it has one"
            " already. If it was you, sign in with that one. If it was not, there is nothing to do.\n"
        ),
    ),
}

# What goes around the sentence of a notice.
NOTICE_BODY: Final = gettext_noop(
    "Hello {username},\n\n{what}\nWhen and where from: {at}, {agent}, {address}\n\n"
    "If this was not you, answer this message or contact an administrator at once.\n"
)

# Subject and sentence of notices, by `MailText`.
NOTICE_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "password_changed": (
        gettext_noop("Your password was changed"),
        gettext_noop(
            "the password of your account was changed, every other session was ended, and API tokens were"
            " revoked."
        ),
    ),
    "password_changed_tokens_kept": (
        gettext_noop("Your password was changed"),
        gettext_noop(
            "the password of your account was changed, every other session was ended, and API tokens were"
            " kept."
        ),
    ),
    "password_reset": (
        gettext_noop("Your password was reset"),
        gettext_noop(
            "the password of your account was set anew through a mailed link, and every session was ended."
        ),
    ),
    "email_change_asked": (
        gettext_noop("Another address for your account?"),
        gettext_noop(
            "somebody who is signed in asked to use another address for your account at {site}; nothing is"
            " changed before the link sent there is opened."
        ),
    ),
    "email_changed": (
        gettext_noop("Your address was changed"),
        gettext_noop("the address of your account at {site} was changed, and every other session was ended."),
    ),
    "factor_added": (gettext_noop("Your second factor"), gettext_noop("a second factor was added.")),
    "factor_removed": (gettext_noop("Your second factor"), gettext_noop("the second factor was removed.")),
    "backup_codes_renewed": (
        gettext_noop("Your second factor"),
        gettext_noop("the backup codes were replaced."),
    ),
    "passkey_added": (gettext_noop("Your passkeys"), gettext_noop("the passkey “{name}” was added.")),
    "passkey_removed": (gettext_noop("Your passkeys"), gettext_noop("the passkey “{name}” was removed.")),
    "token_issued": (gettext_noop("Your API tokens"), gettext_noop("The API token “{name}” was issued.")),
    "token_revoked": (gettext_noop("Your API tokens"), gettext_noop("The API token “{name}” was revoked.")),
    "tokens_revoked": (gettext_noop("Your API tokens"), gettext_noop("All API tokens were revoked.")),
    "token_exposed": (
        gettext_noop("Your API tokens"),
        gettext_noop("An API token was sent where others can read it, and is revoked for that."),
    ),
    "renamed": (
        gettext_noop("Your user name was changed"),
        gettext_noop(
            "your user name at {site} is now “{name}”, since another account had one that reads the same. "
            "Your password and your address are as they were."
        ),
    ),
    "value_revealed": (gettext_noop("Your {value}"), gettext_noop("The {value} of your account was shown.")),
    "value_changed": (gettext_noop("Your {value}"), gettext_noop("The {value} of your account was changed.")),
    "account_disabled": (
        gettext_noop("An administrator changed your account"),
        gettext_noop("an administrator changed your account: it was disabled."),
    ),
    "account_enabled": (
        gettext_noop("An administrator changed your account"),
        gettext_noop("an administrator changed your account: it was enabled again."),
    ),
    "role_granted": (
        gettext_noop("An administrator changed your account"),
        gettext_noop("an administrator changed your account: it was given the role {role}."),
    ),
    "role_revoked": (
        gettext_noop("An administrator changed your account"),
        gettext_noop("an administrator changed your account: the role {role} was taken from it."),
    ),
    "signed_out_by_administrator": (
        gettext_noop("An administrator changed your account"),
        gettext_noop("an administrator changed your account: it was signed out everywhere."),
    ),
    "tokens_revoked_by_administrator": (
        gettext_noop("An administrator changed your account"),
        gettext_noop("an administrator changed your account: its API tokens were revoked."),
    ),
}
