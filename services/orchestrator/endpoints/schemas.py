"""JSON schemas that an administrator gives: checked when given, and applied to what travels."""

from typing import Any

from services.kit.errors import Invalid


def check_schema(name: str, schema: dict[str, Any] | None) -> None:
    """Raises Invalid if it is no JSON schema."""
    if schema is None:
        return
    # Lazy: two megabytes that most processes never need.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise Invalid(f"{name} is no JSON schema: {error.message}") from error


def misfit(value: Any, schema: dict[str, Any]) -> str | None:
    """What is wrong with the value, or None. References to other documents are not followed."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - lazy, as above
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    # Without a registry of its own the validator would fetch what a reference names.
    validator: Any = Draft202012Validator(schema, registry=Registry())
    try:
        error: ValidationError | None = next(validator.iter_errors(value), None)
    except Unresolvable as unknown:
        return f"the schema refers to what is not part of it: {unknown}"
    if error is None:
        return None
    place = "/".join(str(part) for part in error.absolute_path)
    return f"{place or 'the whole'}: {error.message}"
