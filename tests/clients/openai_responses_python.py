"""The official openai client for Python on /v1/responses: what each use gave, as JSON.

Called with the gateway's URL; the key is in NOVA_KEY. Uses nothing of Nova.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import openai
from pydantic import BaseModel

MODEL = "gpt-4o-mini"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
    "strict": False,
}
PIXEL = "data:image/png;base64,iVBORw0KGgo="


class Person(BaseModel):
    name: str


def create(client: Any) -> dict[str, Any]:
    answer = client.responses.create(model=MODEL, input="Hello!", instructions="Be brief.")
    return {
        "text": answer.output_text,
        "status": answer.status,
        "input_tokens": answer.usage.input_tokens,
        "output_tokens": answer.usage.output_tokens,
    }


def stream(client: Any) -> dict[str, Any]:
    with client.responses.stream(model=MODEL, input="Hello!") as events:
        kinds = [event.type for event in events]
        final = events.get_final_response()
    return {
        "text": final.output_text,
        "pieces": kinds.count("response.output_text.delta"),
        "last": kinds[-1],
    }


def parse(client: Any) -> dict[str, Any]:
    answer = client.responses.parse(model=MODEL, input="Ada", text_format=Person)
    return {"name": answer.output_parsed.name}


def tools(client: Any) -> dict[str, Any]:
    asked = "The weather in Paris?"
    answer = client.responses.create(model=MODEL, input=asked, tools=[WEATHER])
    call = answer.output[0]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    again = client.responses.create(
        model=MODEL, input=[result], previous_response_id=answer.id, tools=[WEATHER]
    )
    return {
        "name": call.name,
        "arguments": json.loads(call.arguments),
        "then": again.output_text,
    }


def tools_stream(client: Any) -> dict[str, Any]:
    asked = "The weather in Paris?"
    with client.responses.stream(model=MODEL, input=asked, tools=[WEATHER]) as events:
        final = events.get_final_response()
    call = final.output[0]
    return {"name": call.name, "arguments": json.loads(call.arguments)}


def vision(client: Any) -> dict[str, Any]:
    parts = [
        {"type": "input_text", "text": "Hello!"},
        {"type": "input_image", "image_url": PIXEL, "detail": "low"},
    ]
    answer = client.responses.create(model=MODEL, input=[{"role": "user", "content": parts}])
    return {"text": answer.output_text}


def stored(client: Any) -> dict[str, Any]:
    made = client.responses.create(model=MODEL, input="Hello!")
    found = client.responses.retrieve(made.id)
    items = list(client.responses.input_items.list(made.id))
    client.responses.delete(made.id)
    gone = _failure(lambda: client.responses.retrieve(made.id))
    return {"text": found.output_text, "items": len(items), "gone": gone["status"]}


def _failure(work: Callable[[], Any]) -> dict[str, Any]:
    try:
        work()
    except openai.APIStatusError as error:
        found = {"status": error.status_code, "code": error.code, "param": error.param}
        return {"error": type(error).__name__, **found}
    return {"error": None}


def hosted_tool(client: Any) -> dict[str, Any]:
    return _failure(
        lambda: client.responses.create(model=MODEL, input="x", tools=[{"type": "web_search"}])
    )


def limited(client: Any) -> dict[str, Any]:
    return _failure(lambda: client.responses.create(model="error-429", input="Hello!"))


def broken_stream(client: Any) -> dict[str, Any]:
    events = list(client.responses.create(model="cut", input="Hello!", stream=True))
    return {"last": events[-1].type, "status": events[-1].response.status}


CHECKS = [
    create, stream, parse, tools, tools_stream, vision, stored, hosted_tool, limited, broken_stream,
]  # fmt: skip


def main() -> None:
    with openai.OpenAI(
        base_url=f"{sys.argv[1]}/v1", api_key=os.environ["NOVA_KEY"], max_retries=0
    ) as client:
        found = {check.__name__: check(client) for check in CHECKS}
    print(json.dumps({"version": openai.__version__, **found}))


if __name__ == "__main__":
    main()
