"""Serves the built single-page app out of memory: a closed list of files, so no path climbs."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.dashboard.asgi import Headers, Scope, Send, header, respond
from services.dashboard.headers import PAGE_SECURITY

_ENCODINGS: Final = ((b"br", ".br"), (b"gzip", ".gz"))
_IMMUTABLE: Final = b"public, max-age=31536000, immutable"
_REVALIDATE: Final = b"no-cache"
_NOT_BUILT: Final = (
    b"The dashboard is not built yet. scripts/up builds it; by hand: "
    b"cd dashboard && npm ci && npm run build\n"
)


@dataclass(frozen=True, slots=True)
class _File:
    content_type: bytes
    cache_control: bytes
    etag: bytes
    body: bytes
    encoded: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])


class StaticFiles:
    """The build as it was when index.html last changed."""

    def __init__(self, dist: Path) -> None:
        self._dist = dist
        self._index = dist / "index.html"
        self._stamp = 0
        self._files: dict[str, _File] = {}

    @property
    def built(self) -> bool:
        return self._index.is_file()

    async def __call__(self, scope: Scope, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await self._plain(send, 405, b"Method not allowed\n", extra=[(b"allow", b"GET, HEAD")])
            return
        if not self.built:
            await self._plain(send, 503, _NOT_BUILT, extra=[(b"retry-after", b"5")])
            return
        self._reload_if_changed()
        path: str = scope["path"]
        file = self._files.get(path)
        if file is None and "." not in path.rpartition("/")[2]:
            file = self._files.get("/index.html")
        if file is None:
            await self._plain(send, 404, b"Not found\n")
            return
        await self._file(scope, send, file)

    async def _file(self, scope: Scope, send: Send, file: _File) -> None:
        headers: Headers = [
            *PAGE_SECURITY,
            (b"etag", file.etag),
            (b"cache-control", file.cache_control),
            (b"vary", b"accept-encoding"),
        ]
        if _matches(header(scope["headers"], b"if-none-match"), file.etag):
            await respond(send, 304, body=b"", headers=headers)
            return
        body, encoding = _best(file, header(scope["headers"], b"accept-encoding") or b"")
        headers += [
            (b"content-type", file.content_type),
            (b"content-length", str(len(body)).encode()),
        ]
        if encoding is not None:
            headers.append((b"content-encoding", encoding))
        await respond(send, 200, body=b"" if scope["method"] == "HEAD" else body, headers=headers)

    async def _plain(
        self, send: Send, status: int, body: bytes, *, extra: Headers | None = None
    ) -> None:
        headers: Headers = [
            *PAGE_SECURITY,
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *(extra or []),
        ]
        await respond(send, status, body=body, headers=headers)

    def _reload_if_changed(self) -> None:
        stamp = self._index.stat().st_mtime_ns
        if stamp == self._stamp:
            return
        root = self._dist.resolve()
        self._files = {
            "/" + path.relative_to(root).as_posix(): _read(path, root)
            for path in root.rglob("*")
            if path.is_file() and not path.is_symlink() and path.suffix not in {".br", ".gz"}
        }
        self._stamp = stamp


def _read(path: Path, root: Path) -> _File:
    body = path.read_bytes()
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if guessed.startswith("text/") or guessed.endswith(("javascript", "json")):
        guessed += "; charset=utf-8"
    encoded = {
        name: sibling.read_bytes()
        for name, suffix in _ENCODINGS
        if (sibling := path.with_name(path.name + suffix)).is_file()
    }
    hashed = path.relative_to(root).parts[0] == "assets"
    return _File(
        content_type=guessed.encode(),
        cache_control=_IMMUTABLE if hashed else _REVALIDATE,
        etag=b'W/"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"',
        body=body,
        encoded=encoded,
    )


def _matches(if_none_match: bytes | None, etag: bytes) -> bool:
    if if_none_match is None:
        return False
    given = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return b"*" in given or etag.removeprefix(b"W/") in given


def _best(file: _File, accept: bytes) -> tuple[bytes, bytes | None]:
    """The smallest form that the client takes; an encoding with q=0 is refused."""
    offered = {
        part.partition(b";")[0].strip().lower()
        for part in accept.split(b",")
        if part.partition(b";")[2].replace(b" ", b"") not in {b"q=0", b"q=0.0"}
    }
    for name, _ in _ENCODINGS:
        if name in offered and name in file.encoded:
            return file.encoded[name], name
    return file.body, None
