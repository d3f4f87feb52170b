"""Opens webhooks' secrets, with as much work for a webhook that does not exist; counts guesses."""

from uuid import UUID

from services.kit.encryption import NotDecryptable, decrypt, encrypt
from services.kit.ids import new_id
from services.kit.log import get_logger
from services.kit.wrong_credentials import WrongCredentials

_log = get_logger(__name__)


def purpose_of(webhook_id: UUID) -> str:
    """What a webhook's secret is sealed for."""
    return f"webhook {webhook_id}"


class SealedSecrets:
    """One per process: `guesses` remembers who sent wrong signatures."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key
        self._nobody = new_id()
        self._sealed_for_nobody: str | None = None
        self.guesses = WrongCredentials()

    def seal(self, webhook_id: UUID, secret: str) -> str:
        return encrypt(self._secret_key, secret, purpose=purpose_of(webhook_id))

    def check(self, webhook_id: UUID, sealed: str) -> None:
        """Raises NotDecryptable for a secret that can't be opened any more."""
        decrypt(self._secret_key, sealed, purpose=purpose_of(webhook_id))

    def open(self, webhook_id: UUID, sealed: str | None) -> str | None:
        """The webhook's secret; None, after as much work, if there is none to be had."""
        if self._sealed_for_nobody is None:
            self._sealed_for_nobody = self.seal(self._nobody, str(self._nobody))
        known = sealed is not None
        purpose = purpose_of(webhook_id if known else self._nobody)
        try:
            secret = decrypt(self._secret_key, sealed or self._sealed_for_nobody, purpose=purpose)
        except NotDecryptable as error:
            _log.warning("a webhook's secret can't be read", purpose=purpose, error=str(error))
            return None
        return secret if known else None
