"""How each provider is set up: by the environment, with what was set at run time over it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr

from services.llm_gateway.credentials.addresses import origin_of
from services.llm_gateway.credentials.store import ProviderStore, StoredSetting

BaseSource = Literal["default", "environment", "stored"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A key by its name, which is safe to log; it is sent to `origin` alone."""

    name: str
    secret: SecretStr
    origin: str


@dataclass(frozen=True, slots=True)
class EnvironmentSetup:
    """What the environment says. `base_url` is asked each time where the configuration has a say."""

    base_url: Callable[[], str]
    default_base: str = ""
    keys: tuple[SecretStr, ...] = ()
    key_name: str = "environment"
    default_model: str | None = None
    headers: Mapping[str, SecretStr] = field(default_factory=dict[str, SecretStr])
    title: str | None = None
    is_custom: bool = False
    is_local: bool | None = None

    def credentials(self) -> tuple[Credential, ...]:
        """Several keys in one variable are told apart by their place."""
        base = self.base_url() or self.default_base
        if not base:
            return ()
        return tuple(
            Credential(
                self.key_name if number == 1 else f"{self.key_name} #{number}",
                secret,
                origin_of(base),
            )
            for number, secret in enumerate(self.keys, start=1)
        )


@dataclass(frozen=True, slots=True)
class Setup:
    """What holds now. `base_url` is "" where none is known."""

    slug: str
    base_url: str
    source: BaseSource
    enabled: bool
    default_model: str | None
    headers: Mapping[str, SecretStr]
    title: str | None
    is_custom: bool
    is_local: bool | None
    problem: str


class Setups:
    """Every provider's set-up by its slug, those of custom servers too."""

    def __init__(self, environment: Mapping[str, EnvironmentSetup], store: ProviderStore) -> None:
        self._environment = environment
        self._store = store

    def environment(self, slug: str) -> EnvironmentSetup | None:
        return self._environment.get(slug)

    def of(self, slug: str) -> Setup:
        given = self._environment.get(slug)
        stored = self._store.settings.get(slug, StoredSetting(slug))
        base, source = self._base(given, stored)
        return Setup(
            slug=slug,
            base_url=base,
            source=source,
            enabled=stored.enabled,
            default_model=stored.default_model or (given.default_model if given else None),
            headers={**(given.headers if given else {}), **stored.headers},
            title=stored.title or (given.title if given else None),
            is_custom=stored.is_custom or (given is not None and given.is_custom),
            is_local=stored.is_local
            if stored.is_local is not None
            else (given.is_local if given else None),
            problem=stored.problem,
        )

    def base_of(self, slug: str) -> str:
        """Its address, "" where none is known or it is switched off."""
        stored = self._store.settings.get(slug)
        if stored is None:
            given = self._environment.get(slug)
            return "" if given is None else given.base_url() or given.default_base
        return self._base(self._environment.get(slug), stored)[0] if stored.enabled else ""

    def custom_slugs(self) -> list[str]:
        """Custom servers, those of the environment first."""
        given = [slug for slug, setup in self._environment.items() if setup.is_custom]
        stored = [slug for slug, row in self._store.settings.items() if row.is_custom]
        return _unique([*given, *stored])

    def _base(
        self, given: EnvironmentSetup | None, stored: StoredSetting
    ) -> tuple[str, BaseSource]:
        if stored.base_url:
            return stored.base_url, "stored"
        if given is None:
            return "", "default"
        base = given.base_url()
        return (base, "environment") if base else (given.default_base, "default")


def _unique(slugs: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(slugs))
