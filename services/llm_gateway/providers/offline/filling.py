"""Fills a JSON schema with a valid value, deterministically; wishes say what a field should hold."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

Schema = Mapping[str, Any]

_DEEPEST = 12
_FORMATS = {
    "date-time": "2000-01-01T00:00:00Z",
    "date": "2000-01-01",
    "time": "00:00:00Z",
    "duration": "PT0S",
    "email": "offline@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "hostname": "localhost",
}


class UnfillableError(Exception):
    """The schema can not be met by the simple values that are known here."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What fields should hold, by name: the first wish whose kind and limits fit is taken."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    choices: Sequence[str] = ()
    flags: frozenset[str] = frozenset()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    otherwise: str = ""


def fill(schema: Schema, wishes: Wishes) -> Any:
    """A value that satisfies the schema; raises UnfillableError if none is found."""
    return _Filler(schema, wishes).value(schema, "", 0)


class _Filler:
    def __init__(self, root: Schema, wishes: Wishes) -> None:
        self._root = root
        self._wishes = wishes

    def value(self, schema: Any, name: str, depth: int) -> Any:
        if isinstance(schema, bool):
            if schema:
                return self._wishes.otherwise
            raise UnfillableError(f"{name or 'the schema'} allows no value")
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            raise UnfillableError(f"{name or 'the schema'} is no schema or nested too deeply")
        resolved = self._resolve(cast("Schema", schema), depth)
        if "const" in resolved:
            return resolved["const"]
        if isinstance(resolved.get("enum"), list):
            return self._choice(cast("list[Any]", resolved["enum"]), name)
        for union in ("anyOf", "oneOf"):
            if isinstance(resolved.get(union), list):
                return self._union(resolved, union, name, depth)
        return self._typed(resolved, name, depth)

    def _resolve(self, schema: Schema, depth: int) -> dict[str, Any]:
        """The schema with its reference followed and its allOf merged in."""
        merged = dict(schema)
        for _ in range(_DEEPEST):
            if "$ref" not in merged:
                break
            target = self._target(str(merged.pop("$ref")))
            merged = {**target, **merged}
        for part in cast("list[Any]", merged.pop("allOf", None) or []):
            if isinstance(part, Mapping) and depth <= _DEEPEST:
                merged = _merge(merged, self._resolve(cast("Schema", part), depth + 1))
        return merged

    def _target(self, reference: str) -> dict[str, Any]:
        node: Any = self._root
        if reference.startswith("#"):
            for step in reference.removeprefix("#").split("/")[1:]:
                key = step.replace("~1", "/").replace("~0", "~")
                node = cast("Schema", node).get(key) if isinstance(node, Mapping) else None
        else:
            node = None
        if not isinstance(node, Mapping):
            raise UnfillableError(f"the reference {reference} leads nowhere")
        return dict(cast("Schema", node))

    def _union(self, schema: dict[str, Any], union: str, name: str, depth: int) -> Any:
        options = cast("list[Any]", schema.pop(union))
        wished = name in self._wishes.texts or name in self._wishes.lists
        null = {"type": "null"}
        if null in options and not wished and "default" in schema and schema["default"] is None:
            return None
        problem = UnfillableError(f"{name or 'the schema'} has no alternative that can be met")
        for option in sorted(options, key=lambda option: option == null):
            try:
                merged = (
                    _merge(schema, cast("Schema", option))
                    if isinstance(option, Mapping)
                    else option
                )
                return self.value(merged, name, depth + 1)
            except UnfillableError as error:
                problem = error
        raise problem

    def _choice(self, options: list[Any], name: str) -> Any:
        if not options:
            raise UnfillableError(f"{name or 'the schema'} allows no value")
        for wish in self._wishes.choices:
            if wish in options:
                return wish
        return options[0]

    def _typed(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        kinds = schema.get("type") or _implied_type(schema)
        if isinstance(kinds, list):
            named = [kind for kind in cast("list[Any]", kinds) if kind != "null"]
            kinds = named[0] if named else "null"
        match kinds:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "string":
                return self._text(schema, name)
            case "integer" | "number":
                return _number(schema, whole=kinds == "integer")
            case "boolean":
                return name in self._wishes.flags
            case "null":
                return None
            case _:
                raise UnfillableError(f"{name or 'the schema'} has an unknown type: {kinds}")

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = cast("dict[str, Any]", schema.get("properties") or {})
        required = [str(key) for key in cast("list[Any]", schema.get("required") or [])]
        filled: dict[str, Any] = {}
        for key, part in properties.items():
            if key in required:
                filled[key] = self.value(part, key, depth + 1)
            elif key in self._wishes.texts or key in self._wishes.lists:
                try:
                    filled[key] = self.value(part, key, depth + 1)
                except UnfillableError:
                    continue
        for key in required:
            if key not in filled:
                filled[key] = self.value(schema.get("additionalProperties", True), key, depth + 1)
        return filled

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        items: Any = schema.get("items", True)
        wished = list(self._wishes.lists.get(name, ()))
        if isinstance(items, Mapping) and cast("Schema", items).get("type") != "string":
            wished = []
        least = int(schema.get("minItems") or 0)
        most = int(schema.get("maxItems", max(len(wished), least)))
        filled: list[Any] = list(wished[:most])
        prefix = cast("list[Any]", schema.get("prefixItems") or [])
        while len(filled) < least:
            part = cast("Any", prefix[len(filled)] if len(filled) < len(prefix) else items)
            value = self.value(part, name, depth + 1)
            if schema.get("uniqueItems") and value in filled:
                value = _another(value, len(filled))
            filled.append(value)
        return filled

    def _text(self, schema: dict[str, Any], name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[str(schema["format"])]
        least, most = int(schema.get("minLength") or 0), schema.get("maxLength")
        text = self._wishes.texts.get(name, self._wishes.otherwise)
        if len(text) < least:
            text = text + " " * (least - len(text) - 1) + "."
        return text if most is None else text[: int(most)]


def _merge(one: Schema, other: Schema) -> dict[str, Any]:
    merged: dict[str, Any] = {**one, **other}
    for key in ("properties", "$defs"):
        if key in one and key in other:
            merged[key] = {**one[key], **other[key]}
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def _implied_type(schema: Schema) -> str:
    if "properties" in schema or "required" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "minItems" in schema or "prefixItems" in schema:
        return "array"
    if schema.keys() & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}:
        return "number"
    return "string"


def _number(schema: Schema, *, whole: bool) -> int | float:
    step = float(schema.get("multipleOf") or 1)
    low, high = float(schema.get("minimum", -math.inf)), float(schema.get("maximum", math.inf))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if isinstance(above, int | float):
        low = max(low, float(above) + (step if whole else min(step, 1e-6)))
    if isinstance(below, int | float):
        high = min(high, float(below) - (step if whole else min(step, 1e-6)))
    value = min(max(0.0, low), high)
    if "multipleOf" in schema or whole:
        value = math.ceil(value / step) * step if low > 0 else math.floor(value / step) * step
    return int(value) if whole or float(value).is_integer() else value


def _another(value: Any, index: int) -> Any:
    """A value that differs from the ones before it, of the same kind."""
    if isinstance(value, str):
        return f"{value} ({index})"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + index
    raise UnfillableError("it asks for several different values")
