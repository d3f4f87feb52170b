"""LangChain's ChatOpenAI and OpenAIEmbeddings: what each use gave, as JSON.

Called with the gateway's URL; the key is in NOVA_KEY. Uses nothing of Nova.
"""

import json
import os
import sys
from typing import Any

import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class City(BaseModel):
    """A city."""

    name: str


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def chat(model: ChatOpenAI) -> dict[str, Any]:
    answer = model.invoke("Hello!")
    usage = answer.usage_metadata or {}
    return {
        "text": answer.content,
        "finish": answer.response_metadata["finish_reason"],
        "input_tokens": usage.get("input_tokens"),
        "output_tokens": usage.get("output_tokens"),
    }


def stream(model: ChatOpenAI) -> dict[str, Any]:
    chunks = list(model.stream("Hello!"))
    used = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
    return {
        "text": "".join(str(chunk.content) for chunk in chunks),
        "pieces": len(chunks),
        "output_tokens": used[-1]["output_tokens"] if used else None,
    }


def tools(model: ChatOpenAI) -> dict[str, Any]:
    bound = model.bind_tools([get_weather])
    asked = HumanMessage("The weather in Paris?")
    answer = bound.invoke([asked])
    call = answer.tool_calls[0]
    told = ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"])
    return {
        "name": call["name"],
        "arguments": call["args"],
        "then": bound.invoke([asked, answer, told]).content,
    }


def tools_stream(model: ChatOpenAI) -> dict[str, Any]:
    first, *rest = model.bind_tools([get_weather]).stream("The weather in Paris?")
    whole: Any = first
    for chunk in rest:
        whole += chunk
    return {"name": whole.tool_calls[0]["name"], "arguments": whole.tool_calls[0]["args"]}


def json_schema(model: ChatOpenAI) -> dict[str, Any]:
    found: Any = model.with_structured_output(City, method="json_schema").invoke("Hello!")
    return {"value": found.model_dump()}


def embeddings(url: str) -> dict[str, Any]:
    # It sends arrays of token numbers unless it is told that the server wants text.
    embedder = OpenAIEmbeddings(
        model="text-embedding-3-small",
        base_url=url,
        api_key=os.environ["NOVA_KEY"],
        check_embedding_ctx_length=False,
    )
    found = embedder.embed_documents(["a cat", "a dog"])
    return {"count": len(found), "dimensions": len(found[0])}


def limited(url: str) -> dict[str, Any]:
    try:
        _model(url, "error-429").invoke("Hello!")
    except openai.APIStatusError as error:
        return {"error": type(error).__name__, "status": error.status_code}
    return {"error": None}


def _model(url: str, name: str = "gpt-4o-mini") -> ChatOpenAI:
    return ChatOpenAI(
        model=name,
        base_url=url,
        api_key=os.environ["NOVA_KEY"],
        max_retries=0,
        stream_usage=True,
    )


def main() -> None:
    url = f"{sys.argv[1]}/v1"
    model = _model(url)
    checks = [chat, stream, tools, tools_stream, json_schema]
    found = {check.__name__: check(model) for check in checks}
    found |= {check.__name__: check(url) for check in (embeddings, limited)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
