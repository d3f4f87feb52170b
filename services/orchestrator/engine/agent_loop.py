"""The loop of one agent: ask the model, make the tool calls it wants, ask again, until it answers."""

from dataclasses import dataclass, field
from typing import Any

from contracts.chat import Message, ToolCall
from contracts.llm import CompleteRequest, ToolDefinition, ToolFunction
from services.orchestrator.engine.context.estimate import definition_tokens, message_tokens
from services.orchestrator.engine.context.fitting import (
    fit_conversation,
    fit_definitions,
    fit_result,
)
from services.orchestrator.engine.context.plan import ContextPlan
from services.orchestrator.engine.errors import ModelFailed, StageFailed
from services.orchestrator.engine.loops import REPEATED_NOTE, LoopWatch
from services.orchestrator.engine.model_calls import ModelReply, StepPlace, call_model
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_calls import ToolBox, call_tools
from services.orchestrator.tools.base import ToolOutcome

STEPS_PER_STAGE = 1_000
_OUT_OF_ROUNDS = "You have used up your tool calls. Answer now with what you know."


@dataclass
class StepCounter:
    """Numbers the steps of one stage's run; the same order on every resume gives the same steps."""

    stage: str
    ordinal: int
    _used: int = 0

    def next(self) -> StepPlace:
        if self._used >= STEPS_PER_STAGE:
            raise StageFailed(f"{self.stage} made more than {STEPS_PER_STAGE} calls")
        place = StepPlace(self.stage, self.ordinal * STEPS_PER_STAGE + self._used)
        self._used += 1
        return place


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """How an agent asks its models; `models` are tried in order. `plan` None: nothing is cut."""

    models: list[str]
    temperature: float | None = None
    max_tokens: int | None = None
    rounds: int = 5
    live: bool = False
    response_format: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    plan: ContextPlan | None = None


@dataclass(frozen=True, slots=True)
class MadeCall:
    call: ToolCall
    outcome: ToolOutcome


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """The last reply, every tool call on the way, and the conversation that led there."""

    content: str
    model: str
    tool_calls: list[MadeCall]
    messages: list[Message]
    input_tokens: int
    output_tokens: int
    cost_usd: float


class Offered:
    """The tools that a model is shown, and what they take of its window, counted once."""

    def __init__(self, definitions: list[ToolDefinition]) -> None:
        self.definitions = definitions
        self.tokens = definition_tokens(definitions)


async def run_agent(
    run: TaskRun,
    settings: AgentSettings,
    *,
    messages: list[Message],
    box: ToolBox | None,
    steps: StepCounter,
) -> AgentAnswer:
    """Run the loop to the model's answer.

    Raises ModelFailed when no model of the list answers, LoopDetected when the agent goes in
    circles, ContextOverflow when the messages are longer than its models' window.
    """
    conversation = list(messages)
    made: list[MadeCall] = []
    replies: list[ModelReply] = []
    offered = Offered(_definitions(box, settings, conversation))
    watch = LoopWatch()
    for round_number in range(settings.rounds + 1):
        last_round = round_number == settings.rounds
        if last_round and offered.definitions:
            conversation.append(Message(role="user", content=_OUT_OF_ROUNDS))
        shown = Offered([]) if last_round else offered
        reply = await _ask(run, settings, conversation, shown, steps)
        replies.append(reply)
        if box is None or last_round or not reply.tool_calls:
            break
        conversation.append(
            Message(role="assistant", content=reply.content or None, tool_calls=reply.tool_calls)
        )
        placed = [(steps.next(), call) for call in reply.tool_calls]
        outcomes = await call_tools(run, placed, box)
        for call, outcome in zip(reply.tool_calls, outcomes, strict=True):
            made.append(MadeCall(call, outcome))
            repeated = watch.add(call, outcome)
            conversation.append(_result(call, outcome, settings, repeated=repeated))
        watch.end_round()
    return AgentAnswer(
        content=replies[-1].content,
        model=replies[-1].model,
        tool_calls=made,
        messages=conversation,
        input_tokens=sum(reply.input_tokens for reply in replies),
        output_tokens=sum(reply.output_tokens for reply in replies),
        cost_usd=sum(reply.cost_usd or 0.0 for reply in replies),
    )


def _definitions(
    box: ToolBox | None, settings: AgentSettings, conversation: list[Message]
) -> list[ToolDefinition]:
    """The tools that the model is shown; it is told of those for which there is no room."""
    definitions = [] if box is None else tool_definitions(box)
    if settings.plan is None:
        return definitions
    fitted, left_out = fit_definitions(definitions, settings.plan)
    if left_out:
        note = f"There was no room to show you these tools: {', '.join(left_out)}."
        first = conversation[0]
        conversation[0] = first.model_copy(update={"content": f"{first.text()}\n\n{note}"})
    return fitted


def _result(
    call: ToolCall, outcome: ToolOutcome, settings: AgentSettings, *, repeated: bool
) -> Message:
    text = outcome.text if settings.plan is None else fit_result(outcome.text, settings.plan)
    # Without the mark a model can't tell a failure from a file that says so.
    content = text if outcome.ok else f"[tool error] {text}"
    return Message(
        role="tool",
        tool_call_id=call.id,
        name=call.name,
        content=content + REPEATED_NOTE if repeated else content,
    )


def tool_definitions(box: ToolBox) -> list[ToolDefinition]:
    return [
        ToolDefinition(
            function=ToolFunction(
                name=tool.name, description=tool.description, parameters=tool.schema()
            )
        )
        for tool in box.tools.values()
    ]


async def _ask(
    run: TaskRun,
    settings: AgentSettings,
    conversation: list[Message],
    offered: Offered,
    steps: StepCounter,
) -> ModelReply:
    failure: ModelFailed | None = None
    plan = settings.plan
    shown = (
        conversation
        if plan is None
        else fit_conversation(conversation, tools=offered.tokens, plan=plan)
    )
    for model in settings.models:
        request = CompleteRequest(
            model=model,
            messages=shown,
            tools=offered.definitions,
            temperature=settings.temperature,
            max_tokens=_reply_tokens(settings, shown, offered),
            response_format=settings.response_format,
            metadata=settings.metadata,
        )
        try:
            return await call_model(run, steps.next(), request, live=settings.live)
        except ModelFailed as error:
            failure = error
    if failure is None:
        raise StageFailed("the agent has no model")
    raise failure


def _reply_tokens(settings: AgentSettings, messages: list[Message], offered: Offered) -> int | None:
    """The reply's limit, lowered where request and reply together would pass a known window."""
    plan = settings.plan
    if plan is None or plan.window is None or settings.max_tokens is None:
        return settings.max_tokens
    used = sum(map(message_tokens, messages)) + offered.tokens
    return max(1, min(settings.max_tokens, plan.window - used))
