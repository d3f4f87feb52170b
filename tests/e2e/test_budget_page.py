"""A task that waits for its budget, in a real browser before a whole Nova: raised there, it goes on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.fixtures.nova import ADMIN_SECRET, Nova
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer

_CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed"),
]
_PRICES = '{"gpt-4o-mini": {"input": 1000, "output": 2000, "max_output": 50}}'
_PATIENCE_MS = 60_000


@pytest.fixture
def paid_nova(tmp_path: Path) -> Iterator[Nova]:
    """A Nova whose model costs money."""
    with ProviderServer(openai.handle) as server:
        settings = {"OPENAI_API_BASE": f"{server.url}/v1", "OPENAI_API_KEY": openai.KEY}
        settings |= {"NOVA_MODEL_PRICES": _PRICES}
        instance = Nova(tmp_path / "home", settings, seconds=120)
        try:
            instance.wait_until_ready()
            yield instance
        finally:
            instance.stop()


def test_a_budget_is_raised_on_the_tasks_page(paid_nova: Nova, tmp_path: Path) -> None:
    with httpx.Client(
        base_url=paid_nova.url("orchestrator"),
        headers={"X-Admin-Secret": ADMIN_SECRET},
        timeout=60,
        trust_env=False,
    ) as api:
        body = {
            "user_input": "Say hello",
            "pod_name": "Quick Reply",
            "metadata": {"model_override": "gpt-4o-mini", "max_cost_usd": 0.25},
        }
        task_id = api.post("/api/v1/pipeline/tasks", json=body).json()["task_id"]
        path = f"/api/v1/pipeline/tasks/{task_id}"
        wait_until(lambda: api.get(path).json()["pending"], what="the question", seconds=60)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(base_url=paid_nova.url("dashboard"))
            page.set_default_timeout(_PATIENCE_MS)
            expect.set_options(timeout=_PATIENCE_MS)
            page.goto("/login")
            page.get_by_label("Admin secret").fill(ADMIN_SECRET)
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_label("Message")).to_be_visible()
            page.goto(f"/tasks/{task_id}")
            expect(page.get_by_role("heading", name="The budget is used up")).to_be_visible()
            expect(page.get_by_text("Limit $0.25")).to_be_visible()
            approve = page.get_by_role("button", name="Approve")
            expect(approve).to_be_disabled()
            page.screenshot(path=tmp_path / "waiting.png")
            page.get_by_label("New budget in US dollars").fill("100")
            approve.click()
            expect(page.get_by_role("heading", name="The budget is used up")).to_be_hidden()
            wait_until(
                lambda: api.get(path).json()["status"] == "complete", what="the end", seconds=60
            )
            page.screenshot(path=tmp_path / "complete.png")
            browser.close()
        task = api.get(path).json()
        assert task["budget_usd"] == 100
        assert task["total_cost_usd"] > 0
