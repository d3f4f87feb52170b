"""What can be done with agents, and what a starting orchestrator makes sure of."""

from uuid import UUID

from contracts.agents import AgentConfig, AgentConfigPatch, AgentInfo, DeletedCount
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import BadRequest, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.orchestrator.agents import queries
from services.orchestrator.agents.queries import AgentRow
from services.orchestrator.audit.service import SYSTEM, record
from services.orchestrator.patches import given_fields, patched

PRIMARY_CONFIG = AgentConfig(
    name="Nova",
    system_prompt=(
        "You are a personal assistant that runs on its owner's own machine. Be accurate and "
        "brief. Use your tools when they help, say plainly what you did with them, and say so "
        "when you do not know something or could not do it."
    ),
)


async def create_agent(
    connection: Connection, config: AgentConfig, *, actor: Principal
) -> AgentInfo:
    _check(config)
    row = await queries.insert_agent(connection, new_id(), config=config.model_dump(mode="json"))
    await record(
        connection,
        actor=actor,
        action="agent.created",
        subject_kind="agent",
        subject_id=row.id,
        detail={"name": config.name},
    )
    return _info(row)


async def list_agents(
    connection: Connection, *, limit: int, offset: int
) -> tuple[list[AgentInfo], int]:
    """One page, newest first, and how many agents there are."""
    rows = await queries.list_agents(connection, limit=limit, offset=offset)
    return [_info(row) for row in rows], await queries.count_agents(connection)


async def get_agent(connection: Connection, agent_id: UUID) -> AgentInfo:
    row = await queries.find_agent(connection, agent_id)
    if row is None:
        raise _unknown(agent_id)
    return _info(row)


async def hold_agent(connection: Connection, agent_id: UUID) -> None:
    """Keep the agent from being deleted until the transaction ends; NotFound for an unknown one."""
    if not await queries.hold_agent(connection, agent_id):
        raise _unknown(agent_id)


async def primary_agent(connection: Connection) -> AgentInfo:
    """The agent that chats are with."""
    row = await queries.find_primary(connection)
    if row is None:
        raise NotFound("There is no primary agent; restart the orchestrator.", code="unknown_agent")
    return _info(row)


async def update_config(
    connection: Connection, agent_id: UUID, *, patch: AgentConfigPatch, actor: Principal
) -> AgentInfo:
    row = await queries.lock_agent(connection, agent_id)
    if row is None:
        raise _unknown(agent_id)
    config = patched(AgentConfig, row.config, patch=patch)
    _check(config)
    row = await queries.update_config(connection, agent_id, config=config.model_dump(mode="json"))
    await record(
        connection,
        actor=actor,
        action="agent.updated",
        subject_kind="agent",
        subject_id=agent_id,
        detail={"name": config.name, "changed": given_fields(patch)},
    )
    return _info(row)


async def delete_agent(connection: Connection, agent_id: UUID, *, actor: Principal) -> None:
    """Raises WrongState for the primary agent, and while tasks of the agent have not ended."""
    row = await queries.lock_agent(connection, agent_id)
    if row is None:
        raise _unknown(agent_id)
    if row.is_primary:
        raise WrongState("The primary agent can't be deleted.", code="primary_agent")
    unfinished = await queries.count_unfinished_tasks(connection, agent_id)
    if unfinished:
        raise WrongState(
            f"{unfinished} tasks of the agent have not ended; cancel them or wait.",
            code="agent_in_use",
        )
    await queries.delete_agent(connection, agent_id)
    await record(
        connection,
        actor=actor,
        action="agent.deleted",
        subject_kind="agent",
        subject_id=agent_id,
        detail={"name": AgentConfig.model_validate(row.config).name},
    )


async def delete_agents(
    connection: Connection, *, confirmed: bool, actor: Principal
) -> DeletedCount:
    """Deletes every agent but the primary one and those whose tasks have not ended."""
    if not confirmed:
        raise BadRequest("Add ?confirm=true to delete all agents.", code="confirmation_missing")
    deleted = await queries.delete_idle_agents(connection)
    await record(
        connection,
        actor=actor,
        action="agents.deleted",
        subject_kind="agent",
        detail={"ids": [str(agent_id) for agent_id in deleted]},
    )
    return DeletedCount(deleted=len(deleted))


async def ensure_primary_agent(connection: Connection) -> None:
    """Make the primary agent if there is none; safe when several processes start at once."""
    agent_id = new_id()
    config = PRIMARY_CONFIG.model_dump(mode="json")
    if await queries.insert_primary(connection, agent_id, config=config):
        await record(
            connection,
            actor=SYSTEM,
            action="agent.created",
            subject_kind="agent",
            subject_id=agent_id,
            detail={"name": PRIMARY_CONFIG.name, "primary": True},
        )


async def recover_agent_status(connection: Connection) -> int:
    """Set agents that only seem to run to idle (no worker holds a task of theirs); how many."""
    return await queries.recover_status(connection)


def _check(config: AgentConfig) -> None:
    if not config.name.strip():
        raise Invalid("name: it must not be blank.")
    if not config.model.strip():
        raise Invalid('model: it must not be blank; "auto" leaves the choice to Nova.')


def _info(row: AgentRow) -> AgentInfo:
    return AgentInfo.model_validate(row, from_attributes=True)


def _unknown(agent_id: UUID) -> NotFound:
    return NotFound(f"There is no agent {agent_id}.", code="unknown_agent")
