"""Nova's agents as the tools of one run use them: found, made, and asked by child tasks."""

from dataclasses import dataclass
from uuid import UUID

from contracts.agents import AgentConfig, AgentInfo
from contracts.chat import Message
from contracts.orchestrator import TERMINAL_STATUSES, TaskStatus
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import DatabaseDown, NovaError
from services.orchestrator.agents import service as agents
from services.orchestrator.audit import service as audit
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_room import Asker
from services.orchestrator.links import queries
from services.orchestrator.links.queries import ChildRow
from services.orchestrator.tasks.submission import ChildOf, Turn, submit_turn
from services.orchestrator.tools.context import KnownAgent, KnownModel
from services.orchestrator.tools.errors import CallPending, ToolError

_DEEPEST = 5
_MOST_DESCENDANTS = 200
_MOST_MADE = 20
_MOST_LISTED = 200
# What a child has from its parent's metadata; all else is the parent's own.
_INHERITED = ("workspace", "model_override")


@dataclass(frozen=True, slots=True)
class RunAgents:
    """Implements ToolAgents for one agent of a run."""

    run: TaskRun
    asker: Asker

    async def known(self) -> list[KnownAgent]:
        async with self.run.context.database.connection() as connection:
            found, _ = await agents.list_agents(connection, limit=_MOST_LISTED, offset=0)
        return [_known(agent) for agent in found]

    async def models(self) -> list[KnownModel]:
        try:
            found = await self.run.context.gateway.models()
        except NovaError as error:
            raise ToolError(f"The models could not be listed: {error.detail}") from error
        return [
            KnownModel(
                id=model.id,
                provider=model.provider,
                context_window=model.context_window,
                cost_per_input_token=model.cost_per_input_token,
                cost_per_output_token=model.cost_per_output_token,
            )
            for model in found
        ]

    async def create(
        self,
        call_id: UUID,
        *,
        name: str,
        system_prompt: str,
        model: str,
        tools: list[str] | None,
    ) -> KnownAgent:
        config = AgentConfig(
            name=name,
            system_prompt=system_prompt,
            model=model,
            tools=self._granted(tools),
            metadata={
                "created_by": {
                    "agent_id": str(self.asker.agent_id),
                    "task_id": str(self.run.task.id),
                    "root_task_id": str(self._root),
                    "tier": self.asker.tier.value,
                }
            },
        )

        async def make(connection: Connection) -> AgentInfo:
            if await queries.count_made(connection, self._root) >= _MOST_MADE:
                raise ToolError(f"This task has made {_MOST_MADE} agents already, which is all.")
            if await queries.insert_made(
                connection, call_id, config=config.model_dump(mode="json")
            ):
                await audit.record(
                    connection,
                    actor=self._actor,
                    action="agent.created",
                    subject_kind="agent",
                    subject_id=call_id,
                    detail={"name": name, "task_id": str(self.run.task.id)},
                )
            return await agents.get_agent(connection, call_id)

        return _known(await self.run.write(make))

    async def ask(self, call_id: UUID, agent: str, message: str) -> str:
        async def start(connection: Connection) -> ChildRow:
            child = await queries.find_child(connection, call_id, parent_task_id=self.run.task.id)
            return child or await self._start(connection, call_id, agent, message)

        try:
            child = await self.run.write(start)
        except DatabaseDown:
            raise
        except NovaError as error:
            raise ToolError(error.detail) from error
        self.run.context.failpoints.reach("child-started")
        return _answer(child)

    async def _start(
        self, connection: Connection, call_id: UUID, agent: str, message: str
    ) -> ChildRow:
        task = self.run.task
        if task.depth >= _DEEPEST:
            raise ToolError(
                f"This task is itself asked by others, {task.depth} deep; it may ask nobody else. "
                "Answer with what you have."
            )
        if await queries.count_descendants(connection, self._root) >= _MOST_DESCENDANTS:
            raise ToolError(f"{_MOST_DESCENDANTS} conversations came of this task, which is all.")
        turn = Turn(
            kind="agent",
            agent_id=await _agent_named(connection, agent),
            messages=[Message(role="user", content=message)],
            session_id=None,
            model=None,
            metadata={key: task.metadata[key] for key in _INHERITED if key in task.metadata},
            child_of=ChildOf(
                task_id=call_id,
                parent_task_id=task.id,
                root_task_id=self._root,
                depth=task.depth + 1,
                queue=task.queue,
                priority=task.priority,
                input={"tier": self.asker.tier.value},
            ),
        )
        child, _ = await submit_turn(connection, turn, actor=self._actor)
        return ChildRow(id=child.id, status=child.status, output=None, error=None)

    def _granted(self, wanted: list[str] | None) -> list[str] | None:
        """The tools of an agent that this one makes: never one that it has not itself."""
        if wanted is None or self.asker.allowed is None:
            return self.asker.allowed if wanted is None else wanted
        if beyond := sorted(set(wanted) - set(self.asker.allowed)):
            raise ToolError(
                f"You can't give tools that you may not use yourself: {', '.join(beyond)}."
            )
        return wanted

    @property
    def _root(self) -> UUID:
        return self.run.task.root_task_id or self.run.task.id

    @property
    def _actor(self) -> Principal:
        return Principal(
            kind="service", name=f"agent:{self.asker.agent_id}", key_id=self.run.task.key_id
        )


async def _agent_named(connection: Connection, agent: str) -> UUID:
    try:
        return UUID(agent)
    except ValueError:
        found = await queries.ids_by_name(connection, agent)
    if not found:
        raise ToolError(f"There is no agent {agent[:100]!r}; list_agents tells which there are.")
    if len(found) > 1:
        raise ToolError(f"Several agents are called {agent[:100]!r}; name one by its id.")
    return found[0]


def _answer(child: ChildRow) -> str:
    status = TaskStatus(child.status)
    if status not in TERMINAL_STATUSES:
        raise CallPending(f"child task {child.id} is {child.status}")
    if status is TaskStatus.COMPLETE:
        return child.output or ""
    if status is TaskStatus.CANCELLED:
        raise ToolError("The agent's work was cancelled before it had answered.")
    raise ToolError(f"The agent has failed: {child.error}")


def _known(agent: AgentInfo) -> KnownAgent:
    return KnownAgent(
        id=agent.id,
        name=agent.config.name,
        status=agent.status.value,
        model=agent.config.model,
        tools=agent.config.tools,
        is_primary=agent.is_primary,
    )
