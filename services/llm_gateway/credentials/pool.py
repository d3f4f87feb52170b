"""Which of a provider's keys a call takes: in turn, and not one that was just refused."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import SecretStr

from services.llm_gateway.credentials.addresses import origin_of
from services.llm_gateway.credentials.setups import Credential, Setups
from services.llm_gateway.credentials.store import ProviderStore

REFUSED_SECONDS = 600.0
"""A refused key is tried again after that: its owner may have paid, or its rights were changed."""

_LIMITED_SECONDS = 30.0
_LONGEST_LIMIT_SECONDS = 86_400.0
_REFUSED = frozenset({401, 402, 403})
_LIMITED = 429
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class SetAside:
    """`until` is on the monotonic clock."""

    kind: Literal["limited", "refused"]
    reason: str
    until: float

    @property
    def until_time(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=max(0.0, self.until - time.monotonic()))


class Pool:
    """Keys from the environment, then those that are stored; one per process."""

    def __init__(self, store: ProviderStore, setups: Setups) -> None:
        self._store = store
        self._setups = setups
        self._aside: dict[tuple[str, str], tuple[SecretStr, SetAside]] = {}
        self._turns: dict[str, int] = {}
        # By slug, with the address that they hold for: looked up for every call.
        self._usable: dict[str, tuple[str, list[Credential]]] = {}
        store.on_change(self._usable.clear)

    def usable(self, slug: str) -> list[Credential]:
        """All that may be sent to the provider where it is now, also those that are set aside."""
        base = self._setups.base_of(slug)
        known = self._usable.get(slug)
        if known is not None and known[0] == base:
            return known[1]
        found = self._find(slug, origin_of(base)) if base else []
        self._usable[slug] = (base, found)
        return found

    def choose(self, slug: str) -> Credential | None:
        """The next in turn that is not set aside; of none, the one that comes back first.

        So a provider with one key goes on to say itself what is wrong with it.
        """
        keys = self.usable(slug)
        if not keys:
            return None
        ready = [key for key in keys if self.set_aside(slug, key) is None] if self._aside else keys
        if not ready:
            return min(keys, key=lambda key: self._until(slug, key))
        turn = self._turns[slug] = self._turns.get(slug, -1) + 1
        return ready[turn % len(ready)]

    def has_any(self, slug: str) -> bool:
        return bool(self.usable(slug))

    def has_other(self, slug: str, name: str) -> bool:
        """Whether a call that this key failed may be tried with another one."""
        return any(
            key.name != name and self.set_aside(slug, key) is None for key in self.usable(slug)
        )

    def failed(
        self, slug: str, name: str, status: int, retry_after: float | None, reason: str = ""
    ) -> None:
        """Set a key aside that was refused (401, 402, 403) or is limited (429)."""
        key = next((key for key in self.usable(slug) if key.name == name), None)
        if key is None or status not in {*_REFUSED, _LIMITED}:
            return
        kind: Literal["limited", "refused"] = "refused"
        seconds = REFUSED_SECONDS
        if status == _LIMITED:
            kind = "limited"
            asked = _LIMITED_SECONDS if retry_after is None else retry_after
            seconds = min(max(asked, 0.0), _LONGEST_LIMIT_SECONDS)
        said = f"{status}: {reason}" if reason else f"It was answered {status}."
        aside = SetAside(kind, said[:_LONGEST_REASON], time.monotonic() + seconds)
        self._aside[slug, name] = (key.secret, aside)

    def worked(self, slug: str, name: str) -> None:
        self._aside.pop((slug, name), None)

    def set_aside(self, slug: str, key: Credential) -> SetAside | None:
        """Why the key is not used now; None if it is. A key that was replaced starts anew."""
        found = self._aside.get((slug, key.name))
        if found is None:
            return None
        secret, aside = found
        if secret != key.secret or aside.until <= time.monotonic():
            del self._aside[slug, key.name]
            return None
        return aside

    def _find(self, slug: str, origin: str) -> list[Credential]:
        given = self._setups.environment(slug)
        stored = [
            Credential(key.row.name, key.secret, key.row.origin)
            for key in self._store.keys(slug)
            if key.secret is not None and key.row.enabled
        ]
        keys = (*(given.credentials() if given is not None else ()), *stored)
        return [key for key in keys if key.origin == origin]

    def _until(self, slug: str, key: Credential) -> float:
        aside = self.set_aside(slug, key)
        return 0.0 if aside is None else aside.until
