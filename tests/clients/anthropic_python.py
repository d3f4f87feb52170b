"""The official anthropic client for Python on /v1/messages: what each use gave, as JSON.

Called with the gateway's URL; the key is in NOVA_KEY. Uses nothing of Nova.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import anthropic

MODEL = "gpt-4o-mini"
HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


def chat(client: Any) -> dict[str, Any]:
    answer = client.messages.create(model=MODEL, max_tokens=100, system="Be brief.", messages=HELLO)
    return {
        "text": answer.content[0].text,
        "finish": answer.stop_reason,
        "input_tokens": answer.usage.input_tokens,
        "output_tokens": answer.usage.output_tokens,
    }


def stream(client: Any) -> dict[str, Any]:
    with client.messages.stream(model=MODEL, max_tokens=100, messages=HELLO) as events:
        pieces = list(events.text_stream)
        final = events.get_final_message()
    return {
        "text": "".join(pieces),
        "pieces": len(pieces),
        "output_tokens": final.usage.output_tokens,
    }


def tools(client: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": "The weather in Paris?"}]
    answer = client.messages.create(model=MODEL, max_tokens=100, messages=asked, tools=[WEATHER])
    call = next(block for block in answer.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    again = client.messages.create(
        model=MODEL,
        max_tokens=100,
        tools=[WEATHER],
        messages=[
            *asked,
            {"role": "assistant", "content": answer.content},
            {"role": "user", "content": [result]},
        ],
    )
    return {
        "name": call.name,
        "arguments": call.input,
        "finish": answer.stop_reason,
        "then": again.content[0].text,
    }


def tools_stream(client: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": "The weather in Paris?"}]
    with client.messages.stream(
        model=MODEL, max_tokens=100, messages=asked, tools=[WEATHER]
    ) as events:
        final = events.get_final_message()
    call = next(block for block in final.content if block.type == "tool_use")
    return {"name": call.name, "arguments": call.input}


def count_tokens(client: Any) -> dict[str, Any]:
    return {"input_tokens": client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens}


def _failure(work: Callable[[], Any]) -> dict[str, Any]:
    try:
        work()
    except anthropic.APIStatusError as error:
        kind = error.body["error"]["type"] if isinstance(error.body, dict) else None
        return {"error": type(error).__name__, "status": error.status_code, "type": kind}
    return {"error": None}


def unknown_model(client: Any) -> dict[str, Any]:
    return _failure(
        lambda: client.messages.create(model="groq/no-such", max_tokens=10, messages=HELLO)
    )


def wrong_key(client: Any) -> dict[str, Any]:
    wrong = client.with_options(api_key="sk-nova-wrong")
    return _failure(lambda: wrong.messages.create(model=MODEL, max_tokens=10, messages=HELLO))


def limited(client: Any) -> dict[str, Any]:
    return _failure(
        lambda: client.messages.create(model="error-429", max_tokens=10, messages=HELLO)
    )


def overloaded(client: Any) -> dict[str, Any]:
    return _failure(
        lambda: client.messages.create(model="error-529", max_tokens=10, messages=HELLO)
    )


def broken_stream(client: Any) -> dict[str, Any]:
    def read() -> None:
        with client.messages.stream(model="cut", max_tokens=10, messages=HELLO) as events:
            list(events)

    return _failure(read)


def vision(client: Any) -> dict[str, Any]:
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    content = [{"type": "text", "text": "Hello!"}, {"type": "image", "source": source}]
    asked = [{"role": "user", "content": content}]
    answer = client.messages.create(model=MODEL, max_tokens=100, messages=asked)
    return {"text": answer.content[0].text}


CHECKS = [
    chat, stream, tools, tools_stream, vision, count_tokens, unknown_model, wrong_key, limited,
    overloaded, broken_stream,
]  # fmt: skip


def main() -> None:
    with anthropic.Anthropic(
        base_url=sys.argv[1], api_key=os.environ["NOVA_KEY"], max_retries=0
    ) as client:
        found = {check.__name__: check(client) for check in CHECKS}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
