"""The official openai client for Python (2.x and 3.x): what each use of it gave, as JSON.

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
HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q"
    "DwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class City(BaseModel):
    name: str


def chat(client: Any) -> dict[str, Any]:
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, temperature=0.5)
    return {
        "text": answer.choices[0].message.content,
        "finish": answer.choices[0].finish_reason,
        "input_tokens": answer.usage.prompt_tokens,
        "output_tokens": answer.usage.completion_tokens,
    }


def stream(client: Any, **options: Any) -> dict[str, Any]:
    chunks = list(
        client.chat.completions.create(model=MODEL, messages=HELLO, stream=True, **options)
    )
    usage = next((chunk.usage for chunk in chunks if chunk.usage), None)
    return {
        "text": "".join(c.choices[0].delta.content or "" for c in chunks if c.choices),
        "pieces": len(chunks),
        "without_choices": sum(not chunk.choices for chunk in chunks),
        "output_tokens": usage and usage.completion_tokens,
    }


def stream_usage(client: Any) -> dict[str, Any]:
    return stream(client, stream_options={"include_usage": True})


def tools(client: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": "The weather in Paris?"}]
    answer = client.chat.completions.create(model=MODEL, messages=asked, tools=[WEATHER])
    message = answer.choices[0].message
    call = message.tool_calls[0]
    told = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    again = client.chat.completions.create(
        model=MODEL, messages=[*asked, message, told], tools=[WEATHER]
    )
    return {
        "name": call.function.name,
        "arguments": json.loads(call.function.arguments),
        "finish": answer.choices[0].finish_reason,
        "then": again.choices[0].message.content,
    }


def tools_stream(client: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": "The weather in Paris?"}]
    with client.chat.completions.stream(model=MODEL, messages=asked, tools=[WEATHER]) as events:
        final = events.get_final_completion()
    call = final.choices[0].message.tool_calls[0]
    return {"name": call.function.name, "arguments": json.loads(call.function.arguments)}


def json_schema(client: Any) -> dict[str, Any]:
    answer = client.chat.completions.parse(model=MODEL, messages=HELLO, response_format=City)
    return {"value": answer.choices[0].message.parsed.model_dump()}


def vision(client: Any) -> dict[str, Any]:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": PIXEL}},
    ]
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": parts}]
    )
    return {"text": answer.choices[0].message.content}


def embeddings(client: Any) -> dict[str, Any]:
    answer = client.embeddings.create(model="text-embedding-3-small", input=["a cat", "a dog"])
    return {"count": len(answer.data), "dimensions": len(answer.data[0].embedding)}


def models(client: Any) -> dict[str, Any]:
    return {
        "ids": [model.id for model in client.models.list()],
        "one": client.models.retrieve(MODEL).id,
    }


def offline(client: Any) -> dict[str, Any]:
    answer = client.chat.completions.create(model="offline/nova", messages=HELLO)
    return {"text": answer.choices[0].message.content}


def _failure(work: Callable[[], Any]) -> dict[str, Any]:
    try:
        work()
    except openai.APIStatusError as error:
        return {"error": type(error).__name__, "status": error.status_code, "code": error.code}
    return {"error": None}


def unknown_model(client: Any) -> dict[str, Any]:
    return _failure(
        lambda: client.chat.completions.create(model="groq/no-such-model", messages=HELLO)
    )


def wrong_key(client: Any) -> dict[str, Any]:
    wrong = client.with_options(api_key="sk-nova-wrong")
    return _failure(wrong.models.list)


def limited(client: Any) -> dict[str, Any]:
    return _failure(lambda: client.chat.completions.create(model="error-429", messages=HELLO))


def broken_stream(client: Any) -> dict[str, Any]:
    try:
        list(client.chat.completions.create(model="cut", messages=HELLO, stream=True))
    except openai.APIError as error:
        return {"error": type(error).__name__}
    return {"error": None}


CHECKS = [
    chat, stream, stream_usage, tools, tools_stream, json_schema, vision, embeddings, models,
    offline, unknown_model, wrong_key, limited, broken_stream,
]  # fmt: skip


def main() -> None:
    with openai.OpenAI(
        base_url=f"{sys.argv[1]}/v1", api_key=os.environ["NOVA_KEY"], max_retries=0
    ) as client:
        found = {check.__name__: check(client) for check in CHECKS}
    print(json.dumps({"version": openai.__version__, **found}))


if __name__ == "__main__":
    main()
