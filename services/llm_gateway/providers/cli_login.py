"""A subscription's login as its command line keeps it in a file: read, and renewed when it ends."""

import asyncio
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson
from pydantic import SecretStr

from services.kit.log import get_logger
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.catalogue import json_object
from services.llm_gateway.upstream.errors import message_of
from services.llm_gateway.upstream.session import Upstream

_log = get_logger(__name__)
_EARLY_SECONDS = 120.0
_RENEWAL_SECONDS = 20.0
# A renewal that failed is not tried again for each call.
_REST_SECONDS = 30.0
_ERROR_STATUS = 400

Section = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LoginForm:
    """Where a command line keeps its tokens in the file, and how they are renewed.

    `expires_at` reads the end of an access token, in seconds since 1970, None if it has none.
    `renewed` makes the new section (and further top-level values) of a token server's answer.
    """

    slug: str
    section: str
    access: str
    refresh: str
    client_id: str
    token_url: str
    expires_at: Callable[[Section], float | None]
    renewed: Callable[[Section, Section], tuple[Section, Section]]
    log_in_again: str


@dataclass(frozen=True, slots=True)
class Login:
    """`section` is the file's part with the tokens."""

    token: SecretStr
    section: Section
    expires_at: float | None

    def is_fresh(self) -> bool:
        return self.expires_at is None or self.expires_at - time.time() > _EARLY_SECONDS


class CliLogin:
    """One file. Everything else in it is kept, and it stays readable for its owner alone."""

    def __init__(self, upstream: Upstream, form: LoginForm, path: Path, *, lock_path: Path) -> None:
        self._upstream = upstream
        self._form = form
        self._path = path
        self._lock_path = lock_path
        self._read_at: tuple[int, int] | None = None
        self._login: Login | None = None
        self._distrusted = ""
        self._renewing = asyncio.Lock()
        self._failed_at = -_REST_SECONDS
        self.problem = ""

    @property
    def path(self) -> Path:
        return self._path

    def current(self) -> Login | None:
        """What the file says now; None without a file, or one that can't be read."""
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_ino) != self._read_at:
                self._login = self._parsed(self._path.read_bytes())
                self._read_at = (stat.st_mtime_ns, stat.st_ino)
        except OSError:
            self._login = self._read_at = None
        return self._login

    def distrust(self, token: str) -> bool:
        """The token was refused. Whether the file has another one meanwhile."""
        self._distrusted = token
        self._read_at = None
        login = self.current()
        return login is not None and login.token.get_secret_value() != token

    async def ensure_fresh(self) -> Login | None:
        """The login, renewed if it has ended or was refused; `problem` says what went wrong."""
        login = self.current()
        if login is None or self._is_good(login):
            return login
        async with self._renewing:
            login = self.current()
            if login is None or self._is_good(login):
                return login
            if time.monotonic() - self._failed_at < _REST_SECONDS:
                return login
            try:
                await self._renew()
            except (OSError, ProviderDown, UpstreamError) as error:
                self._failed_at = time.monotonic()
                reason = error.detail if isinstance(error, ProviderDown | UpstreamError) else error
                self.problem = (
                    f"The login could not be renewed ({reason}). {self._form.log_in_again}"
                )
                _log.warning("login not renewed", provider=self._form.slug, reason=str(reason))
            else:
                self.problem = ""
            return self.current()

    def _is_good(self, login: Login) -> bool:
        return login.is_fresh() and login.token.get_secret_value() != self._distrusted

    async def _renew(self) -> None:
        lock = await asyncio.to_thread(_locked, self._lock_path)
        try:
            self._read_at = None
            login = self.current()
            if login is None or self._is_good(login):
                return  # the command line, or another process, was faster
            refresh = login.section.get(self._form.refresh)
            if not isinstance(refresh, str) or not refresh:
                raise UpstreamError(self._form.slug, 0, "it has no refresh token")
            answer = await self._answer(refresh)
            section, further = self._form.renewed(login.section, answer)
            await asyncio.to_thread(self._write, section, further)
        finally:
            os.close(lock)

    async def _answer(self, refresh: str) -> Section:
        request = {
            "grant_type": "refresh_token",
            "refresh_token": refresh,
            "client_id": self._form.client_id,
        }
        answer = await self._upstream.request(
            self._form.slug,
            "POST",
            self._form.token_url,
            headers={"Content-Type": "application/json"},
            body=orjson.dumps(request),
            seconds=_RENEWAL_SECONDS,
        )
        if answer.status >= _ERROR_STATUS:
            raise UpstreamError(self._form.slug, answer.status, message_of(answer.content))
        found = json_object(answer.content)
        if not isinstance(found.get("access_token"), str):
            raise UpstreamError(self._form.slug, 0, "the token server gave no token")
        return found

    def _write(self, section: Section, further: Section) -> None:
        """Replace the section in what the file holds at this moment, all or nothing."""
        place = self._path.resolve()  # a link stays a link
        whole = dict(json_object(place.read_bytes()))
        whole |= {**further, self._form.section: dict(section)}
        with _beside(place) as (file, name):
            file.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
            Path(name).replace(place)
        self._read_at = None

    def _parsed(self, content: bytes) -> Login | None:
        section = json_object(content).get(self._form.section)
        if not isinstance(section, Mapping):
            return None
        found = cast("Section", section)
        token = found.get(self._form.access)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            return None
        return Login(SecretStr(token), found, self._form.expires_at(found)) if token else None


def _locked(path: Path) -> int:
    """A descriptor that holds the lock until it is closed: processes renew one after the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextmanager
def _beside(place: Path) -> Generator[tuple[Any, str]]:
    """A file of mode 0600 in the same folder; removed unless it was renamed."""
    with tempfile.NamedTemporaryFile(
        dir=place.parent, prefix=f".{place.name}-", delete=False
    ) as file:
        try:
            yield file, file.name
        finally:
            Path(file.name).unlink(missing_ok=True)
