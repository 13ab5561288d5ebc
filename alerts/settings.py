"""Settings of ``[alerts]``: where alerts go, and how long a delivery may take."""

from typing import Annotated

import msgspec
from standardwebhooks import Webhook as Signer

from loader import config
from loader.errors import SettingsError
from loader.redaction import protect

SECTION = "alerts"
SECRET = "webhook_secret"

_ADDRESS = msgspec.Meta(
    pattern=r"^(https?://[^\s@]+)?$",
    description="an address with http:// or https://, without user and password",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of ``[alerts]``; ``.dlt/config.toml`` says what each means."""

    webhook_url: Annotated[str, _ADDRESS] = ""
    file: str = ""
    mail_folder: str = ""
    mail_from: str = "insider_filings@localhost"
    mail_to: str = ""
    attempts: Annotated[int, msgspec.Meta(ge=1)] = 4
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 10
    max_seconds: Annotated[float, msgspec.Meta(gt=0)] = 60
    webhook_secret: str = ""

    def __repr__(self) -> str:
        """Without the secret."""
        shown = {name: value for name, value in msgspec.structs.asdict(self).items() if name != SECRET}
        return f"Settings({shown})"


def read_settings() -> Settings:
    """Read them, the secret of the webhook from the environment or ``.dlt/secrets.toml`` alone.

    Raises:
        SettingsError: one is unknown, missing or of the wrong type.
    """
    config.refuse_unknown_keys(SECTION, Settings, SECRET)
    read = config.read_section(SECTION, Settings)
    secret = config.read_secret_of(SECTION, SECRET) or ""
    # The address may be a secret itself.
    for hidden in (secret, secret.removeprefix("whsec_"), read.webhook_url):
        protect(hidden)
    if read.webhook_url:
        _check_secret(secret)
    if read.mail_folder and not read.mail_to:
        raise SettingsError("mail_to in [alerts] is missing: name who gets the mails in mail_folder")
    return msgspec.structs.replace(read, webhook_secret=secret)


def _check_secret(secret: str) -> None:
    advice = (
        "set ALERTS__WEBHOOK_SECRET, or webhook_secret in [alerts] of .dlt/secrets.toml, to the secret of your receiver: whsec_ and"
        " at least 24 bytes in base64"
    )
    try:
        Signer(secret)
    except (ValueError, RuntimeError) as error:
        raise SettingsError(f"webhook_secret is no secret of a webhook: {advice}") from error
    except Exception as error:  # The library's error for an empty secret has no name that it exports.
        raise SettingsError(f"webhook_url in [alerts] needs a secret: {advice}") from error
