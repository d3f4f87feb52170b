"""The page at /docs: an app's OpenAPI document as plain HTML, without scripts.

FastAPI's own loads scripts from a CDN, which not every machine reaches and which would be told.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse

_STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="soft">Version {version}. The same as an <a href="openapi.json">OpenAPI document</a>.</p>
<p>Send an API key as <code>Authorization: Bearer sk-nova-…</code> or <code>X-API-Key</code>, the
admin secret as <code>X-Admin-Secret</code>.</p>
</header>
<nav aria-label="Sections"><ul>{links}</ul></nav>
<main>{sections}</main>
</body>
</html>
"""

Json = dict[str, Any]


def docs_route(app: FastAPI) -> Callable[[Request], Awaitable[HTMLResponse]]:
    async def docs(_request: Request) -> HTMLResponse:
        return HTMLResponse(render(app.openapi()), headers={"Content-Security-Policy": _POLICY})

    return docs


def render(document: Json) -> str:
    """The page for an OpenAPI 3.1 document."""
    groups: dict[str, list[str]] = {}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            entry = "".join(_operation(method, path, operation))
            groups.setdefault(_group(path, operation), []).append(entry)
    schemas = document.get("components", {}).get("schemas", {})
    if schemas:
        groups["Models"] = ["".join(_model(name, schema)) for name, schema in schemas.items()]
    return _PAGE.format(
        title=escape(document["info"]["title"]),
        version=escape(document["info"]["version"]),
        style=_STYLE,
        links="".join(f'<li><a href="#{escape(it)}">{escape(it)}</a></li>' for it in groups),
        sections="".join(
            f'<section><h2 id="{escape(name)}">{escape(name)}</h2>{"".join(entries)}</section>'
            for name, entries in groups.items()
        ),
    )


def _group(path: str, operation: Json) -> str:
    if operation.get("tags"):
        return str(operation["tags"][0])
    parts = [part for part in path.split("/") if part not in {"", "api", "v1"}]
    return parts[0] if parts and not parts[0].startswith("{") else "general"


def _operation(method: str, path: str, operation: Json) -> Iterator[str]:
    yield f'<details><summary><span class="method {escape(method)}">{escape(method.upper())}</span>'
    yield f' <code>{escape(path)}</code> <span class="soft">{escape(operation.get("summary", ""))}'
    yield '</span></summary><div class="inside">'
    yield _text(operation.get("description"))
    if parameters := operation.get("parameters"):
        rows = [
            (item["name"], item.get("schema", {}), _note(item["in"], item.get("required")))
            for item in parameters
        ]
        yield "<h3>Parameters</h3>" + _table(("Name", "Type", "Where"), rows)
    if body := operation.get("requestBody"):
        rows = [(kind, content.get("schema", {}), "") for kind, content in body["content"].items()]
        yield "<h3>Body</h3>" + _table(("Media type", "Type", ""), rows)
    rows = [
        (status, _answer_schema(answer), answer.get("description", ""))
        for status, answer in operation.get("responses", {}).items()
    ]
    yield "<h3>Answers</h3>" + _table(("Status", "Type", "Meaning"), rows) + "</div></details>"


def _answer_schema(answer: Json) -> Json:
    contents: list[Json] = list(answer.get("content", {}).values())
    return contents[0].get("schema", {}) if contents else {}


def _model(name: str, schema: Json) -> Iterator[str]:
    yield f'<details id="model-{escape(name)}" open><summary><code>{escape(name)}</code></summary>'
    yield '<div class="inside">' + _text(schema.get("description"))
    required: list[str] = schema.get("required", [])
    rows = [
        (field, kind, _note(kind.get("description"), field in required))
        for field, kind in schema.get("properties", {}).items()
    ]
    yield _table(("Field", "Type", ""), rows) if rows else f"<p>{_type(schema)}</p>"
    yield "</div></details>"


def _table(head: tuple[str, str, str], rows: list[tuple[str, Json, str]]) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    body = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th>'
        f"<td>{_type(schema)}</td><td>{escape(note)}</td></tr>"
        for name, schema, note in rows
    )
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _type(schema: Json) -> str:
    """A schema in few words, as HTML; a model is a link to it."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        return f'<a href="#model-{escape(name)}"><code>{escape(name)}</code></a>'
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(_type(part) for part in schema[union]))
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if values:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in values)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = schema.get("format") or schema.get("type", "any")
    return escape(kind if isinstance(kind, str) else " or ".join(kind))


def _note(text: str | None, required: object) -> str:
    return ", ".join(part for part in ("required" if required else None, text) if part)


def _text(description: str | None) -> str:
    return f'<p class="text">{escape(description)}</p>' if description else ""
