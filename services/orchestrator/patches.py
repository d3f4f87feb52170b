"""A PATCH: the stored values with the given ones in their place, checked as a whole."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.kit.error_handlers import describe
from services.kit.errors import Invalid

M = TypeVar("M", bound=BaseModel)


def patched(kind: type[M], current: Mapping[str, Any], *, patch: BaseModel) -> M:
    """`current` with the fields that `patch` was given; null counts as given.

    Raises Invalid where the whole does not fit `kind`: so null is refused where it means nothing.
    """
    try:
        return kind.model_validate({**current, **patch.model_dump(exclude_unset=True)})
    except ValidationError as error:
        raise Invalid(describe(error.errors()), code="validation_failed") from error


def given_fields(patch: BaseModel) -> list[str]:
    """The names of the fields that the patch was given, for the audit log."""
    return sorted(patch.model_fields_set)
