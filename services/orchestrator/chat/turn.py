"""One turn of an agent: recall, history, the agent's loop, the stored answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5

from contracts.agents import AgentConfig
from contracts.chat import Message
from contracts.events import MetaEvent
from contracts.memory import ContextRequest
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.config import ConfigCache
from services.kit.db import Connection
from services.orchestrator.agents import queries as agent_queries
from services.orchestrator.engine.agent_loop import (
    AgentAnswer,
    AgentSettings,
    MadeCall,
    StepCounter,
    run_agent,
)
from services.orchestrator.engine.context.estimate import text_tokens
from services.orchestrator.engine.context.fitting import first_that_fit, newest_that_fit
from services.orchestrator.engine.context.plan import ContextFacts, ContextPlan
from services.orchestrator.engine.context.windows import ModelWindows
from services.orchestrator.engine.ending import service as ending
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.memory_calls import call_memory
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.policy.model import Subject
from services.orchestrator.policy.prompts import note_left_out, rules_to_obey
from services.orchestrator.sessions import queries as session_queries
from services.orchestrator.skills.rendering import render_skills
from services.orchestrator.tasks.submission import fresh_messages
from services.orchestrator.tools.context import SandboxTier

_PROMPT = (Path(__file__).parent / "prompt.md").read_text(encoding="utf-8")
_ROUNDS = 5
_HISTORY_MESSAGES = 40
_MEMORY_TOKENS = 1_500
_STAGE = "chat"
_TIERS = [SandboxTier.ISOLATED, SandboxTier.NOVA, SandboxTier.WORKSPACE, SandboxTier.HOST]


@dataclass(frozen=True, slots=True)
class TurnExecutor:
    """Executes chat and agent tasks."""

    memory: MemoryServiceClient
    config: ConfigCache
    room: ToolRoom
    windows: ModelWindows | None = None

    async def __call__(self, run: TaskRun) -> None:
        agent = await self._agent(run)
        steps = StepCounter(stage=_STAGE, ordinal=0)
        model = run.task.input.get("model") or agent.model
        if model == "auto":
            model = self.config.get("llm.default_chat_model", "auto")
        models = [model, *agent.fallback_models]
        recalled = await self._recall(run, steps, models)
        facts = ContextFacts.of_journal(recalled.get("facts"))
        plan = facts.plan(models, max_tokens=None, most=agent.max_context_tokens)
        subject = Subject(agent_id=_agent_id(run))
        told = await self._told(run, agent, subject)
        messages = await self._messages(run, agent, recalled, plan=plan, told=told)
        box = self.room.box(
            run,
            agent_id=_agent_id(run),
            allowed=agent.tools,
            tier=_tier(run, agent),
            subject=subject,
        )
        settings = AgentSettings(
            models=models,
            rounds=_ROUNDS,
            live=True,
            plan=plan,
        )
        answer = await run_agent(run, settings, messages=messages, box=box, steps=steps)
        await self._finish(run, answer)

    async def _agent(self, run: TaskRun) -> AgentConfig:
        async with run.context.database.transaction() as connection:
            row = await agent_queries.find_agent(connection, _agent_id(run))
            if row is None:
                raise TaskFailed("The agent was deleted.")
            await agent_queries.mark_active(connection, row.id)
        return AgentConfig.model_validate(row.config)

    async def _recall(self, run: TaskRun, steps: StepCounter, models: list[str]) -> dict[str, Any]:
        request = ContextRequest(query=run.task.user_input[:8_000], max_tokens=_MEMORY_TOKENS)
        place = steps.next()
        events: list[MetaEvent] = []
        facts: dict[str, Any] = {}
        if place.step not in run.steps:
            shown, category = models[0], None
            if self.windows is not None:
                found = await self.windows.facts(models)
                facts = {"context": found.model_dump(mode="json")}
                resolved = await self.windows.resolve_for(shown, _last_said(run), run.task)
                if resolved is not None:
                    shown, category = resolved.model, resolved.category
            events = [
                MetaEvent(
                    model=shown,
                    category=category,
                    session_id=run.task.session_id,
                    task_id=run.task.id,
                )
            ]
        return await call_memory(
            run,
            place,
            "context",
            request=request,
            work=lambda: self.memory.context(_agent_id(run), request),
            first_events=events,
            facts=facts,
        )

    async def _told(self, run: TaskRun, agent: AgentConfig, subject: Subject) -> list[str]:
        """What the task's policy adds to the system prompt."""
        policy = await self.room.policies.version(run.task.policy_version)
        sources = [run.task.metadata, agent.metadata]
        skills = render_skills(policy.skills_for(subject), sources)
        await note_left_out(run, _STAGE, skills.left_out)
        parts = [skills.text, rules_to_obey(policy.soft_rules_for(subject))]
        return [part for part in parts if part]

    async def _messages(
        self,
        run: TaskRun,
        agent: AgentConfig,
        recalled: dict[str, Any],
        *,
        plan: ContextPlan,
        told: list[str],
    ) -> list[Message]:
        given = [Message.model_validate(message) for message in run.task.input["messages"]]
        earlier: list[Message] = []
        if run.task.session_id is not None:
            async with run.context.database.connection() as connection:
                rows = await session_queries.history(
                    connection,
                    run.task.session_id,
                    task_id=run.task.id,
                    before=run.task.queued_at,
                    limit=_HISTORY_MESSAGES,
                )
            earlier = [
                Message(role="user" if row.role == "user" else "assistant", content=row.content)
                for row in rows
            ]
        if earlier:
            given = fresh_messages(given)
        recalled_texts = [str(memory["content"]) for memory in recalled.get("memories", [])]
        memories = first_that_fit(recalled_texts, plan.memory)
        # What the memories leave of their share is the history's.
        unused = plan.memory - sum(map(text_tokens, memories))
        kept = newest_that_fit(earlier, plan.history + unused)
        system = self._system(agent, memories, told=told, left_out=len(earlier) - len(kept))
        return [Message(role="system", content=system), *kept, *given]

    def _system(
        self, agent: AgentConfig, memories: list[str], *, told: list[str], left_out: int
    ) -> str:
        name = str(self.config.get("nova.name", "Nova"))
        parts = [agent.system_prompt or _PROMPT.replace("{name}", name).strip()]
        if persona := self.config.get("nova.persona"):
            parts.append(str(persona))
        parts.extend(told)
        if memories:
            listed = "\n".join(f"- {memory}" for memory in memories)
            parts.append(f"<memories>\n{listed}\n</memories>")
        if left_out:
            parts.append(f"The first {left_out} messages of this conversation were left out.")
        return "\n\n".join(parts)

    async def _finish(self, run: TaskRun, answer: AgentAnswer) -> None:
        session_id = run.task.session_id

        async def store_answer(connection: Connection, last_event_id: int) -> None:
            if session_id is None:
                return
            await session_queries.insert_message(
                connection,
                # The same id for every try: stored once, however often the commit is tried.
                uuid5(run.task.id, "answer"),
                session_id=session_id,
                task_id=run.task.id,
                role="assistant",
                content=answer.content,
                tool_calls=[_stored(made) for made in answer.tool_calls],
                last_event_id=last_event_id,
            )

        await ending.complete(run, answer.content, extra=store_answer)


def _stored(made: MadeCall) -> dict[str, Any]:
    """A call with its outcome in short, as the conversation shows it later."""
    return {
        **made.call.model_dump(mode="json"),
        "ok": made.outcome.ok,
        "summary": made.outcome.summary,
    }


def _last_said(run: TaskRun) -> str:
    """As the gateway will find it in the request, so that it is sorted once."""
    said = [m["content"] for m in run.task.input["messages"] if m["role"] == "user"]
    return str(said[-1] or "") if said else ""


def _tier(run: TaskRun, agent: AgentConfig) -> SandboxTier:
    """The workspace; less where the task that asks, or the agent that made this one, has less."""
    made: Any = agent.metadata.get("created_by")
    made_in = cast("dict[str, Any]", made).get("tier") if isinstance(made, dict) else None
    given: list[object] = [SandboxTier.WORKSPACE, run.task.input.get("tier"), made_in]
    return min((tier for tier in _TIERS if tier in given), key=_TIERS.index)


def _agent_id(run: TaskRun) -> UUID:
    if run.task.agent_id is None:
        raise TaskFailed("The agent was deleted.")
    return run.task.agent_id
