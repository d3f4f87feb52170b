"""LiteLLM's price map as a second source: read as a file when first needed, never imported."""

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import orjson

_FILE = "model_prices_and_context_window_backup.json"
# Vendors whose models have the same ids there as here.
_VENDORS = frozenset({"openai", "anthropic", "gemini", "groq", "cerebras", "chatgpt"})
_MODES = frozenset({"chat", "responses", "completion", "embedding"})
_THRESHOLDS = (("above_200k_tokens", 200_000), ("above_272k_tokens", 272_000))

Row = Mapping[str, Any]


def packaged_file() -> Path | None:
    """Where LiteLLM keeps its map; None where it is not installed."""
    found = find_spec("litellm")  # looks for it without running it
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).with_name(_FILE)
    return path if path.is_file() else None


class ReferenceTable:
    """Rows in the form of models/prices.json, by model id. A price of zero there is no price."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._rows: Mapping[str, Row] | None = None

    @cached_property
    def as_of(self) -> str | None:
        """The map has no date; the release that it came with stands for it."""
        try:
            return f"LiteLLM {version('litellm')}"
        except PackageNotFoundError:
            return None

    def row(self, model: str) -> Row | None:
        if self._rows is None:
            self._rows = self._read()
        return self._rows.get(model)

    def _read(self) -> Mapping[str, Row]:
        path = self._path or packaged_file()
        if path is None:
            return {}
        try:
            listed = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        if not isinstance(listed, dict):
            return {}
        entries = cast("dict[str, Row]", listed)
        return {name: _row(entry) for name, entry in entries.items() if _is_wanted(entry)}


def _is_wanted(entry: Row | Any) -> bool:
    if not isinstance(entry, dict):
        return False
    row = cast("Row", entry)
    return row.get("litellm_provider") in _VENDORS and row.get("mode") in _MODES


def _row(entry: Row) -> Row:
    row: dict[str, Any] = {
        "context_window": _whole(entry.get("max_input_tokens")),
        "max_output": _whole(entry.get("max_output_tokens")),
        "vision": bool(entry.get("supports_vision")),
    }
    prices = _prices(entry, "")
    if prices is not None:
        row |= prices
        for suffix, above in _THRESHOLDS:
            long = _prices(entry, f"_{suffix}")
            if long is not None:
                row["long"] = {**long, "above": above}
    return row


def _prices(entry: Row, suffix: str) -> dict[str, Any] | None:
    given: Any = entry.get(f"input_cost_per_token{suffix}")
    made: Any = entry.get(f"output_cost_per_token{suffix}")
    if entry.get("mode") == "embedding":
        made = made or 0
    if not _is_price(given) or made is None or (not made and entry.get("mode") != "embedding"):
        return None
    cached = entry.get(f"cache_read_input_token_cost{suffix}")
    row = {
        "input": _per_million(given),
        "output": _per_million(made),
        "cached_input": _per_million(given if cached is None else cached),
    }
    for name, theirs in (("cache_write", ""), ("cache_write_hour", "_above_1hr")):
        written = entry.get(f"cache_creation_input_token_cost{theirs}{suffix}")
        if _is_price(written):
            row[name] = _per_million(written)
    return row


def _is_price(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0


def _per_million(per_token: Any) -> float:
    # Rounded as decimals are written: 3e-07 times 1e6 is 0.3, not 0.29999999999999999.
    return round(float(per_token) * 1_000_000, 6)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
