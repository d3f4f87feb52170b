"""An answer's headers, decoded when one is looked up."""

from collections.abc import Iterator, Mapping, Sequence


class Headers(Mapping[str, str]):
    """By name, whatever its case; of several of one name the first."""

    __slots__ = ("_first", "raw")

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw
        self._first: dict[bytes, bytes] | None = None

    def __getitem__(self, name: str) -> str:
        return self._by_name[name.lower().encode()].decode("latin-1")

    def __contains__(self, name: object) -> bool:
        return str(name).lower().encode() in self._by_name

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def _by_name(self) -> dict[bytes, bytes]:
        if self._first is None:
            self._first = {name.lower(): value for name, value in reversed(self.raw)}
        return self._first
