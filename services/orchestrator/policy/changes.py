"""What rules and skills have in common when somebody changes them."""

from typing import Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel

from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import WrongState
from services.orchestrator.audit.service import record
from services.orchestrator.patches import given_fields, patched

M = TypeVar("M", bound=BaseModel)

Kind = Literal["rule", "skill"]


def as_patched(kind: type[M], current: BaseModel, *, patch: BaseModel) -> M:
    """`current` as it would be created with the patch's fields. Raises Invalid."""
    fields = kind.model_fields
    values = {name: value for name, value in current.model_dump().items() if name in fields}
    return patched(kind, values, patch=patch)


def name_taken(kind: Kind, name: str) -> WrongState:
    return WrongState(f"There is a {kind} named {name!r} already.", code="name_taken")


def refuse_shipped(kind: Kind, name: str, *, is_system: bool) -> None:
    """Raises WrongState for what can't be deleted."""
    if is_system:
        raise WrongState(
            f"{name!r} ships with Nova and can't be deleted; disable it instead.",
            code=f"system_{kind}",
        )


async def record_change(
    connection: Connection,
    actor: Principal,
    action: str,
    subject_id: UUID,
    *,
    name: str,
    changed: list[str] | None = None,
) -> None:
    """Write it to the audit log; `action` is the kind and what was done to it: rule.created."""
    await record(
        connection,
        actor=actor,
        action=action,
        subject_kind=action.partition(".")[0],
        subject_id=subject_id,
        detail={"name": name} if changed is None else {"name": name, "changed": changed},
    )


async def record_patch(
    connection: Connection,
    actor: Principal,
    action: str,
    subject_id: UUID,
    *,
    name: str,
    patch: BaseModel,
) -> None:
    changed = given_fields(patch)
    await record_change(connection, actor, action, subject_id, name=name, changed=changed)
