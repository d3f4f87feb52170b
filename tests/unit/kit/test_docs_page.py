"""The page at /docs: complete, without scripts, with nothing from elsewhere, and escaped."""

import re
from html.parser import HTMLParser
from typing import Annotated, Literal

import httpx
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from tests.fixtures.kit_app import build, client

VOID = {"meta", "link", "br", "img", "input"}


class Part(BaseModel):
    kind: Literal["a", "b"]
    number: int | None = None


class Thing(BaseModel):
    """A thing with <b>parts</b>."""

    name: str = Field(description='Its "name" & more')
    parts: list[Part] = []


router = APIRouter(prefix="/api/v1/things")


@router.post("/{thing_id}", status_code=201)
async def make_thing(thing_id: str, limit: Annotated[int, Query(ge=1)], thing: Thing) -> Thing:
    """Make <script>alert(1)</script> one."""
    raise NotImplementedError(thing_id, limit, thing)


class Outline(HTMLParser):
    """Checks that tags are closed in order and keeps what a test asks about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if "href" in values else []
        assert not any(name.startswith("on") or name in {"src", "style"} for name in values)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def page() -> httpx.Response:
    async with client(build(router)) as http:
        answer = await http.get("/docs")
    assert answer.status_code == 200
    return answer


async def test_it_is_whole_and_needs_nothing() -> None:
    answer = await page()
    outline = Outline(answer.text)
    assert outline.open == []
    assert not outline.tags & {"script", "link", "img", "iframe", "form", "object"}
    assert "url(" not in answer.text
    assert "@import" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_every_link_leads_somewhere_on_the_page() -> None:
    outline = Outline((await page()).text)
    assert len(outline.ids) == len(set(outline.ids))
    inner = {link[1:] for link in outline.links if link.startswith("#")}
    assert inner <= set(outline.ids)
    # Relative, so that it holds behind a prefix too.
    assert [link for link in outline.links if not link.startswith("#")] == ["openapi.json"]


async def test_it_can_be_found_one_s_way_in() -> None:
    text = (await page()).text
    outline = Outline(text)
    assert '<html lang="en">' in text
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(later <= earlier + 1 for earlier, later in steps)
    assert {"header", "nav", "main", "summary", "th"} <= outline.tags
    assert "prefers-color-scheme: dark" in text


async def test_every_route_and_model_stands_there_escaped() -> None:
    text = (await page()).text
    for part in (
        "/api/v1/things/{thing_id}",
        "Make Thing",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "A thing with &lt;b&gt;parts&lt;/b&gt;.",
        "Its &quot;name&quot; &amp; more",
        'list of <a href="#model-Part">',
        "<code>a</code> or <code>b</code>",
        "integer or null",
        "required, query",
        "Kit &lt;test&gt;",
        "/health/ready",
        "201",
    ):
        assert part in text, part
    async with client(build(router)) as http:
        document = (await http.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        assert path in text
        assert all(f">{method.upper()}</span>" in text for method in operations)
    assert all(f'id="model-{name}"' in text for name in document["components"]["schemas"])
