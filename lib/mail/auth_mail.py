"""The mails of signing up and of choosing a new password."""

from lib.domain.auth_mail import AuthAction, AuthMail
from lib.mail.letter import Letter, plain_letter
from lib.mail.mailer import Mail, mailer


def send_auth_mail(asked: AuthMail) -> None:
    """Send it. Raises MailUnavailable when it was not taken, MissingSetting before anything is sent."""
    sender = mailer()
    # The same hash is the same cause: asked for again, the link is another.
    sender.send(Mail(asked.to, auth_letter(asked, sender.settings.app_url), f"auth {asked.token_hash}"))


def auth_letter(asked: AuthMail, app_url: str) -> Letter:
    """Write the letter. app_url: no trailing slash."""
    if asked.action is AuthAction.SIGNUP:
        return plain_letter(
            subject="Confirm your e-mail address for Leadsment",
            title="Confirm your e-mail address",
            paragraphs=["One click and your account is ready. The link works once and for one hour."],
            action=("Confirm address", f"{app_url}/app/confirm?token_hash={asked.token_hash}&type=signup"),
            footnote="You did not sign up? Ignore this mail: without the click there is no account.",
        )
    return plain_letter(
        subject="Choose a new password for Leadsment",
        title="Choose a new password",
        paragraphs=["Somebody, we hope you, asked for a new password. The link works once and for one hour."],
        action=("Choose a new password", f"{app_url}/app/reset?token_hash={asked.token_hash}&type=recovery"),
        footnote="You did not ask for it? Ignore this mail: your password stays as it is.",
    )
