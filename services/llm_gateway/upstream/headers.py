"""An answer's headers, decoded when one is looked up."""

from collections.abc import Iterator, Mapping, Sequence


class Headers(Mapping[str, str]):
    """By name, whatever its case; of several of one name the first."""

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw

    def __getitem__(self, name: str) -> str:
        wanted = name.lower().encode()
        for found, value in self.raw:
            if len(found) == len(wanted) and found.lower() == wanted:
                return value.decode("latin-1")
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        wanted = str(name).lower().encode()
        return any(found.lower() == wanted for found, _ in self.raw)

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1").lower() for name, _ in self.raw)

    def __len__(self) -> int:
        return len(self.raw)
