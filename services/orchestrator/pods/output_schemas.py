"""JSON schemas for agents' results: refused when they can't be kept, applied within bounds.

A schema comes from a person, the reply from a model. Neither may make a worker fetch anything, or
compute without end: references stay inside the schema and are counted, patterns give up in time.
"""

from collections.abc import Iterator
from typing import Any, cast

from services.kit.db import dump_json
from services.kit.errors import Invalid

MAX_CHARACTERS = 64 * 1024
MAX_DEPTH = 32
_MOST_REFERENCES = 2_000
_PATTERN_SECONDS = 0.1
_MOST_PROBLEMS = 5
_PROBLEM_LENGTH = 300
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# Their contents are values, not schemas.
_VALUES = frozenset({"const", "enum", "default", "examples"})
_MAPS = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _TooMuch(Exception):
    """The schema leads in circles, or to more than can be checked."""


def check_output_schema(schema: dict[str, Any]) -> None:
    """Raises Invalid, with what is wrong, unless `violations` can apply the schema."""
    # Lazy: it costs several megabytes, and few requests bring a schema.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    if len(dump_json(schema)) > MAX_CHARACTERS:
        raise Invalid(f"output_schema: larger than {MAX_CHARACTERS} characters.")
    if schema.get("type", "object") != "object":
        raise Invalid("output_schema: it must describe an object.")
    _check_part(schema, depth=0)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise Invalid(f"output_schema: not a JSON schema: {error.message[:500]}") from error
    try:
        for reference in _references(schema):
            _resolve(schema, reference)
        _check(schema, {})
    except (Unresolvable, _TooMuch, RecursionError) as error:
        raise Invalid("output_schema: a $ref leads nowhere or in circles.") from error


def violations(schema: dict[str, Any], value: Any) -> list[str]:
    """What in `value` is against a checked schema, as texts for a model; at most five."""
    try:
        return _check(schema, value)
    except (_TooMuch, RecursionError):
        return ["it is too deeply nested, or too large, to be checked."]


def _check_part(part: Any, *, depth: int, of_names: bool = False) -> None:
    """`of_names`: the part maps names of a person's choice to schemas, it is none itself."""
    if depth > MAX_DEPTH:
        raise Invalid(f"output_schema: nested deeper than {MAX_DEPTH}.")
    if isinstance(part, list):
        for item in cast("list[Any]", part):
            _check_part(item, depth=depth + 1)
    if not isinstance(part, dict):
        return
    fields = cast("dict[str, Any]", part)
    if not of_names:
        _check_keywords(fields, depth=depth)
    for name, item in fields.items():
        if of_names or name not in _VALUES:
            named = not of_names and name in _MAPS
            _check_part(item, depth=depth + 1, of_names=named)


def _check_keywords(fields: dict[str, Any], *, depth: int) -> None:
    for name in _REFERENCES:
        target = fields.get(name)
        if isinstance(target, str) and not target.startswith("#"):
            raise Invalid(f"output_schema: {name} must stay inside the schema: {target[:200]!r}.")
    if isinstance(fields.get("$id"), str):
        raise Invalid("output_schema: $id is not supported.")
    dialect = fields.get("$schema")
    if isinstance(dialect, str) and (depth > 0 or dialect.rstrip("#") != _DIALECT):
        raise Invalid(f"output_schema: $schema must be {_DIALECT}, at the top.")
    if "patternProperties" in fields:
        raise Invalid("output_schema: patternProperties is not supported; name the properties.")
    pattern = fields.get("pattern")
    if isinstance(pattern, str):
        _check_pattern(pattern)


def _check_pattern(pattern: str) -> None:
    import regex  # noqa: PLC0415 - lazy, see check_output_schema

    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        raise Invalid(f"output_schema: pattern: not a regular expression: {error}") from error


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in cast("list[Any]", part):
            yield from _references(item)
    if isinstance(part, dict):
        for name, item in cast("dict[str, Any]", part).items():
            if name in _REFERENCES and isinstance(item, str):
                yield item
            elif name not in _VALUES:
                yield from _references(item)


def _resolve(schema: dict[str, Any], reference: str) -> None:
    from referencing import Registry, Resource  # noqa: PLC0415 - lazy, see check_output_schema
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

    resource: Resource[Any] = Resource(contents=schema, specification=DRAFT202012)
    empty: Registry[Any] = Registry()
    empty.with_resource("", resource).resolver().lookup(reference)


def _check(schema: dict[str, Any], value: Any) -> list[str]:
    bare = {name: part for name, part in schema.items() if name != "$schema"}
    problems: list[str] = []
    for error in _bounded_validator(bare).iter_errors(value):
        place = ".".join(str(part) for part in error.absolute_path)
        problems.append(f"{place or 'object'}: {error.message}"[:_PROBLEM_LENGTH])
        if len(problems) == _MOST_PROBLEMS:
            break
    return problems


def _bounded_validator(schema: dict[str, Any]) -> Any:
    """A validator that counts references, and whose patterns end; it fetches nothing."""
    import regex  # noqa: PLC0415 - lazy, see check_output_schema
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    keywords: dict[str, Any] = dict(Draft202012Validator.VALIDATORS)
    left = _MOST_REFERENCES

    def counted(name: str) -> Any:
        def follow(validator: Any, target: str, instance: Any, part: Any) -> Iterator[Any]:
            nonlocal left
            left -= 1
            if left < 0:
                raise _TooMuch
            yield from keywords[name](validator, target, instance, part)

        return follow

    def pattern(_validator: Any, wanted: str, instance: Any, _part: Any) -> Iterator[Any]:
        if not isinstance(instance, str):
            return
        try:
            found = regex.search(wanted, instance, timeout=_PATTERN_SECONDS)
        except TimeoutError:
            found = None
        if found is None:
            yield ValidationError(f"{instance[:100]!r} does not match {wanted!r}")

    bounded = {"$ref": counted("$ref"), "$dynamicRef": counted("$dynamicRef"), "pattern": pattern}
    extend = cast("Any", validators).extend
    nothing: Registry[Any] = Registry()
    return extend(Draft202012Validator, bounded)(schema, registry=nothing)
