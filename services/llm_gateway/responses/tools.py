"""Between the tools of a Responses request and those of a chat completion."""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from services.llm_gateway.dialects.deltas import as_list, as_object, text_of
from services.llm_gateway.dialects.names import short_name
from services.llm_gateway.dialects.offered import HostedTools, refused_tool
from services.llm_gateway.dialects.refusals import invalid, list_at, object_at, text_at, unsupported
from services.llm_gateway.providers.base import JsonDict


@dataclass(frozen=True, slots=True)
class ToolName:
    """A tool as the client calls it. The input of a `custom` one is free text, no JSON."""

    name: str
    kind: Literal["function", "custom"] = "function"
    namespace: str | None = None


@dataclass(slots=True)
class Tools:
    """`chat` are the tools in chat form, `given` as the response repeats them."""

    chat: list[JsonDict] = field(default_factory=list[JsonDict])
    given: list[JsonDict] = field(default_factory=list[JsonDict])
    left_out: tuple[str, ...] = ()
    _names: dict[str, ToolName] = field(default_factory=dict[str, ToolName])

    def add(self, tool: JsonDict, param: str, *, namespace: str | None = None) -> None:
        kind = tool.get("type")
        name = text_at(tool.get("name"), f"{param}.name")
        called = ToolName(name, "custom" if kind == "custom" else "function", namespace)
        self._names[chat_name(name, namespace)] = called
        make = _custom if kind == "custom" else _function
        self.chat.append(make(tool, chat_name(name, namespace)))

    def called(self, name: str) -> ToolName:
        """The client's tool behind a name in a chat completion."""
        return self._names.get(name) or ToolName(name)

    def keep(self, names: set[str]) -> None:
        """Offer the model no others."""
        self.chat = [tool for tool in self.chat if tool["function"]["name"] in names]


def read_tools(value: Any, *, strict: bool) -> Tools:
    """Raises RequestInvalid or Unsupported."""
    tools, hosted = Tools(), HostedTools(strict=strict)
    for place, entry in enumerate(list_at(value, "tools")):
        param = f"tools[{place}]"
        tool = object_at(entry, param)
        match tool.get("type"):
            case "function" | "custom":
                tools.add(tool, param)
            case "namespace":
                _add_namespace(tools, tool, param)
            case str(kind):
                hosted.add(param, kind)
                continue
            case _:
                raise invalid(f"{param}.type", "a text is needed.")
        tools.given.append(_given(tool))
    tools.left_out = hosted.settle(own_tools=len(tools.chat))
    return tools


def read_choice(value: Any, tools: Tools) -> Any:
    """A tool_choice in chat form; allowed_tools narrow `tools`."""
    if value is None or value in ("none", "auto", "required"):
        return value
    choice = object_at(value, "tool_choice")
    match choice.get("type"):
        case "function" | "custom":
            return {"type": "function", "function": {"name": _named(choice, "tool_choice.name")}}
        case "allowed_tools":
            allowed = enumerate(list_at(choice.get("tools"), "tool_choice.tools"))
            tools.keep({_named(as_object(tool), f"tool_choice.tools[{i}]") for i, tool in allowed})
            return "required" if choice.get("mode") == "required" else "auto"
        case str(kind):
            raise refused_tool("tool_choice", kind)
        case _:
            raise invalid("tool_choice", "none, auto, required or an object is needed.")


def chat_name(name: str, namespace: str | None) -> str:
    """One name for a tool, its namespace included."""
    if not namespace:
        return short_name(name)
    return short_name(f"{namespace}{'' if namespace.endswith('_') else '__'}{name}")


def custom_input(arguments: str) -> str:
    """The text for a custom tool, out of the JSON that the model wrote for its function."""
    try:
        parsed = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
    texts = [value for value in as_object(parsed).values() if isinstance(value, str)]
    found = as_object(parsed).get("input")
    if isinstance(found, str):
        return found
    return texts[0] if len(texts) == 1 else arguments


def _named(choice: JsonDict, param: str) -> str:
    return chat_name(text_at(choice.get("name"), param), text_of(choice.get("namespace")))


def _add_namespace(tools: Tools, tool: JsonDict, param: str) -> None:
    namespace = text_at(tool.get("name"), f"{param}.name")
    for place, entry in enumerate(list_at(tool.get("tools"), f"{param}.tools")):
        inner = object_at(entry, f"{param}.tools[{place}]")
        if inner.get("type") not in ("function", "custom"):
            raise unsupported(
                f"{param}.tools[{place}].type",
                "in a namespace only functions and custom tools are supported.",
                code="unsupported_tool",
            )
        tools.add(inner, f"{param}.tools[{place}]", namespace=namespace)


def _function(tool: JsonDict, name: str) -> JsonDict:
    function: JsonDict = {"name": name}
    if tool.get("description"):
        function["description"] = tool["description"]
    function["parameters"] = tool.get("parameters") or {"type": "object", "properties": {}}
    if tool.get("strict") is not None:
        function["strict"] = tool["strict"]
    return {"type": "function", "function": function}


def _custom(tool: JsonDict, name: str) -> JsonDict:
    """A function with one text; its description carries the grammar, which nobody enforces."""
    told = [text_of(tool.get("description"))]
    form = as_object(tool.get("format"))
    if form.get("type") == "grammar":
        told.append(
            f"The input is text that follows this {text_of(form.get('syntax'))} grammar:\n"
            f"{text_of(form.get('definition'))}"
        )
    what = {"type": "string", "description": "The whole input of the tool, as plain text."}
    parameters = {"type": "object", "properties": {"input": what}, "required": ["input"]}
    description = "\n\n".join(text for text in told if text)
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def _given(tool: JsonDict) -> JsonDict:
    """With the fields that a response's tools always have."""
    if tool.get("type") == "namespace":
        inner = [_given(as_object(entry)) for entry in as_list(tool.get("tools"))]
        return {**tool, "description": text_of(tool.get("description")), "tools": inner}
    if tool.get("type") == "function":
        return {**tool, "strict": bool(tool.get("strict")), "parameters": tool.get("parameters")}
    return tool
