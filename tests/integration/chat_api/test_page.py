"""The built-in page in a real browser: key, chunks, tools, rewind, a lost connection."""

import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.fixtures.chat_api import KEY, SECONDS, Served, chat_api_settings, serving
from tests.integration.chat_api.conftest import Orchestrator

pytestmark = pytest.mark.browser

ANSWER = ".message.answer"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    path = shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 900, "height": 640})
        page.set_default_timeout(SECONDS * 1000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        await browser.close()
        assert problems == []


async def log_in(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_label("API key or admin secret").fill(KEY)
    await page.get_by_role("button", name="Connect").click()
    await expect(page.get_by_role("status")).to_have_text("Connected")


async def ask(page: Page, text: str, orchestrator: Orchestrator) -> str:
    """Sends a message; the session that it went to."""
    await page.get_by_label("Message").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".own:not(.unsent)").last).to_have_text(text)
    return orchestrator.state()["posts"][-1]["new_session_id"]


def delta(text: str) -> dict[str, Any]:
    return {"delta": text}


class TestPage:
    async def test_a_wrong_key_is_told(self, page: Page, chat_api: Served):
        await page.goto(chat_api.url)
        await page.get_by_label("API key or admin secret").fill("sk-nova-wrong")
        await page.get_by_role("button", name="Connect").click()
        await expect(page.get_by_role("alert")).to_contain_text("unknown")

    async def test_an_answer_grows_chunk_by_chunk(
        self, page: Page, chat_api: Served, orchestrator: Orchestrator
    ):
        await log_in(page, chat_api.url)
        session_id = await ask(page, "What is here?", orchestrator)
        answer = page.locator(ANSWER)
        orchestrator.emit(session_id, delta("<b>Two "))
        await expect(answer).to_have_text("<b>Two ")
        await expect(page.get_by_role("status")).to_have_text("Answering…")
        call = {"type": "tool_call", "id": "c 1", "name": "list_dir", "arguments": {"path": "."}}
        result = {
            "type": "tool_result",
            "id": "c 1",
            "name": "list_dir",
            "ok": True,
            "summary": "2",
        }
        place = orchestrator.emit(session_id, call, result, delta("files"))
        await expect(answer.locator(".tool")).to_have_text('list_dir {"path":"."}\n✓ 2')
        orchestrator.emit(session_id, delta(" void"))
        await expect(answer).to_contain_text("files void")
        orchestrator.emit(session_id, {"type": "rewind", "to": place})
        await expect(answer).not_to_contain_text("void")
        orchestrator.finish(session_id)
        await expect(answer.locator(".foot")).to_have_text("3 + 2 tokens, $0.5000")
        await expect(page.get_by_role("status")).to_have_text("Connected")

    async def test_cancel_ends_the_answer(
        self, page: Page, chat_api: Served, orchestrator: Orchestrator
    ):
        await log_in(page, chat_api.url)
        await ask(page, "Go on for ever", orchestrator)
        await page.get_by_role("button", name="Cancel").click()
        await expect(page.get_by_role("status")).to_have_text("Connected")
        await expect(page.get_by_role("button", name="Cancel")).to_be_disabled()

    async def test_a_lost_connection_is_taken_up_where_it_broke(
        self, page: Page, orchestrator: Orchestrator, tmp_path_factory: pytest.TempPathFactory
    ):
        settings = chat_api_settings(orchestrator.url)
        target, folder = "services.chat_api.main:app", tmp_path_factory.mktemp("first")
        with serving(target, folder, **settings) as first:
            await log_in(page, first.url)
            session_id = await ask(page, "Count", orchestrator)
            orchestrator.emit(session_id, delta("one "))
            await expect(page.locator(ANSWER)).to_have_text("one ")
        await expect(page.get_by_role("status")).to_contain_text("Connection lost")
        orchestrator.emit(session_id, delta("two "))
        port = httpx.URL(first.url).port
        with serving(target, folder, port=port, **settings):
            await expect(page.locator(ANSWER)).to_have_text("one two ")
            orchestrator.emit(session_id, delta("three"))
            orchestrator.finish(session_id)
            await expect(page.locator(ANSWER)).to_have_text(re.compile("^one two three3 "))
            await expect(page.get_by_role("status")).to_have_text("Connected")
