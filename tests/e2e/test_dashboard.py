"""The dashboard in a real browser, in front of a whole Nova: what a person does, end to end."""

import json
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.fixtures.external_agents import TOKEN, running_a2a_agent
from tests.fixtures.nova import ADMIN_SECRET, Nova

_CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed"),
]

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_WORDS = [f"word{number}" for number in range(40)]
# Answers to "slowly" take some seconds, so that a test can come in between.
_SCRIPT = [{"match": "^slowly", "reply": " ".join(_WORDS), "chunk_delay_ms": 120}]
_PATIENCE_MS = 30_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def dashboard_nova(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nova]:
    folder = tmp_path_factory.mktemp("dashboard")
    script = folder / "script.json"
    script.write_text(json.dumps(_SCRIPT))
    instance = Nova(folder / "home", {"NOVA_OFFLINE_SCRIPT": str(script)}, seconds=90)
    try:
        instance.wait_until_ready()
        (instance.workspace / "notes.txt").write_text("one two three four five\n")
        yield instance
    finally:
        instance.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield instance
        instance.close()


@pytest.fixture
def open_page(dashboard_nova: Nova, browser: Browser) -> Iterator[OpenPage]:
    """A page with a profile of its own; a script error or a broken CSP fails the test."""
    problems: list[str] = []
    contexts = []

    def begin(*, width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(
            base_url=dashboard_nova.url("dashboard"), viewport={"width": width, "height": height}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return page

    expect.set_options(timeout=_PATIENCE_MS)
    yield begin
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page that is logged in and shows a new chat."""
    page = open_page()
    log_in(page)
    return page


def log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Admin secret").fill(ADMIN_SECRET)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_label("Message")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.keyboard.press("Enter")


def answer_of(page: Page) -> str:
    return " ".join(page.get_by_role("article").last.inner_text().split())


@contextmanager
def in_the_middle_of_an_answer(page: Page) -> Iterator[None]:
    """Runs its block while an answer streams, then expects each word of it exactly once."""
    say(page, "slowly, please")
    expect(page.get_by_role("article")).to_contain_text("word5")
    assert _WORDS[-1] not in answer_of(page), "too fast to come in between"
    yield
    expect(page.get_by_role("article")).to_contain_text(_WORDS[-1])
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert re.findall(r"word\d+", answer_of(page)) == _WORDS


class TestLogin:
    def test_the_printed_link_works_once_and_leaves_no_trace(self, dashboard_nova, open_page):
        found = re.search(r"http\S+/login#token=\S+", dashboard_nova.output.read_text())
        assert found is not None
        page = open_page()
        page.goto(found.group())
        expect(page.get_by_label("Message")).to_be_visible()
        assert "token" not in page.url
        page.go_back()
        assert "token" not in page.url
        other = open_page()
        other.goto(found.group())
        expect(other.get_by_text("The login link did not work")).to_be_visible()
        assert "token" not in other.url

    def test_a_wrong_secret_is_refused_and_the_wanted_page_follows_the_right_one(self, open_page):
        page = open_page()
        page.goto("/tasks?status=failed")
        page.get_by_label("Admin secret").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Admin secret").fill(ADMIN_SECRET)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
        assert page.url.endswith("/tasks?status=failed")

    def test_logging_out_ends_the_session(self, page):
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_label("Admin secret")).to_be_visible()
        page.goto("/tasks")
        expect(page.get_by_label("Admin secret")).to_be_visible()

    def test_nothing_secret_is_kept_where_scripts_can_read_it(self, page):
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert kept == "[{},{}]"
        assert page.evaluate("document.cookie") == ""


class TestChat:
    def test_an_answer_with_a_tool_call_survives_a_reload(self, page):
        say(page, "What is in the workspace?")
        expect(page.get_by_role("article")).to_contain_text("notes.txt")
        expect(page.get_by_role("button", name="Send")).to_be_visible()
        page.reload()
        expect(page.get_by_role("article")).to_contain_text("notes.txt")
        call = page.get_by_role("article").locator("details")
        expect(call).to_contain_text("list_dir")
        expect(call).to_contain_text("done")

    def test_a_reload_in_the_middle_goes_on(self, page):
        with in_the_middle_of_an_answer(page):
            page.reload()

    def test_a_lost_connection_in_the_middle_is_resumed(self, dashboard_nova, page):
        with in_the_middle_of_an_answer(page):
            pid = dashboard_nova.kill("dashboard")
            dashboard_nova.wait_until_back("dashboard", since=pid)

    def test_a_worker_that_dies_in_the_middle_leaves_no_doubled_text(self, dashboard_nova, page):
        with in_the_middle_of_an_answer(page):
            pid = dashboard_nova.kill("chat-worker")
            dashboard_nova.wait_until_back("chat-worker", since=pid)

    def test_leaving_the_page_does_not_lose_the_answer(self, page):
        with in_the_middle_of_an_answer(page):
            page.get_by_role("link", name="Tasks").first.click()
            expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
            page.go_back()

    def test_the_stop_button_stops_it(self, page):
        say(page, "slowly, please")
        expect(page.get_by_role("article")).to_contain_text("word5")
        page.get_by_role("button", name="Stop the answer").click()
        expect(page.get_by_role("button", name="Send")).to_be_visible()
        assert _WORDS[-1] not in answer_of(page)


class TestTasks:
    def test_a_task_is_followed_to_its_end(self, dashboard_nova, page):
        page.get_by_role("link", name="Tasks").first.click()
        page.get_by_label("What should be done?").fill(
            "Read notes.txt in the workspace, write its word count to count.txt"
        )
        page.get_by_role("button", name="Start task").click()
        activity = page.get_by_role("log", name="Activity")
        expect(activity).to_contain_text("write_file")
        expect(page.get_by_text("Complete", exact=True).first).to_be_visible()
        stages = page.get_by_role("list").filter(has_text="Code review")
        for stage in ("Context", "Task", "Guardrail", "Code review"):
            expect(stages).to_contain_text(stage)
        page.get_by_role("tab", name="Output").click()
        expect(page.get_by_role("tabpanel")).to_contain_text("5")
        assert (dashboard_nova.workspace / "count.txt").read_text().strip() == "5"
        page.get_by_role("link", name="All tasks").click()
        row = page.get_by_role("link", name="word count to count.txt").first
        expect(row).to_contain_text("Complete")

    def test_a_running_task_can_be_cancelled(self, page):
        page.get_by_role("link", name="Tasks").first.click()
        page.get_by_label("What should be done?").fill("slowly, please")
        page.get_by_role("button", name="Start task").click()
        expect(page.get_by_role("log", name="Activity")).to_be_visible()
        page.get_by_role("button", name="Cancel task").click()
        expect(page.get_by_text("Cancelled", exact=True).first).to_be_visible()

    def test_an_ended_task_is_replayed_and_forked_at_a_step(self, page):
        page.get_by_role("link", name="Tasks").first.click()
        page.get_by_label("What should be done?").fill("read notes.txt")
        page.get_by_role("button", name="Start task").click()
        expect(page.get_by_text("Complete", exact=True).first).to_be_visible()
        page.get_by_role("tab", name="Steps").click()
        page.get_by_role("button", name="Replay").click()
        expect(page.get_by_text("Identical", exact=True)).to_be_visible()
        page.get_by_text("read_file", exact=True).click()
        page.get_by_role("button", name="Fork from here").locator("visible=true").click()
        page.get_by_label("Result of the tool").fill("Nothing but cats")
        page.get_by_role("button", name="Fork", exact=True).click()
        expect(page.get_by_text("Forked from")).to_be_visible()
        page.get_by_role("tab", name="Output").click()
        expect(page.get_by_role("tabpanel")).to_contain_text("Nothing but cats")


class TestAutomations:
    def test_a_schedule_and_a_webhook_are_made_and_started(self, page):
        page.get_by_role("link", name="Automations").first.click()
        page.get_by_role("button", name="New schedule").click()
        page.get_by_label("Name").fill("Morning report")
        page.get_by_label("What should be done?").fill("count words in notes.txt")
        page.get_by_role("button", name="Create schedule").click()
        row = page.get_by_role("listitem", name="Morning report")
        expect(row).to_contain_text("next ")
        row.get_by_role("button", name="Run now").click()
        row.get_by_text("Runs").click()
        expect(row).to_contain_text("Complete")
        page.get_by_role("button", name="New webhook").click()
        page.get_by_label("Name").fill("Issues")
        page.get_by_label("What should be done?").fill("Look at {{payload.issue.title}}")
        page.get_by_role("button", name="Create webhook").click()
        secret = page.get_by_text("whsec_")
        expect(secret).to_be_visible()
        page.get_by_role("button", name="I have stored it").click()
        expect(secret).to_be_hidden()
        page.reload()
        expect(page.get_by_role("listitem", name="Issues")).to_be_visible()
        expect(secret).to_be_hidden()


class TestAgents:
    def test_an_agent_is_made_and_changed(self, page):
        page.get_by_role("link", name="Agents").first.click()
        expect(page.get_by_role("listitem", name="Nova")).to_contain_text("Primary")
        page.get_by_role("button", name="New agent").click()
        page.get_by_label("Name").fill("Poet")
        page.get_by_label("System prompt").fill("You rhyme.")
        page.get_by_label("Tools", exact=True).select_option("some")
        page.get_by_role("checkbox", name="send_message_to_agent").check()
        page.get_by_role("button", name="Create agent").click()
        row = page.get_by_role("listitem", name="Poet")
        expect(row).to_contain_text("1 tool")
        row.get_by_role("button", name="Edit").click()
        row.get_by_label("Tools", exact=True).select_option("all")
        row.get_by_role("button", name="Save").click()
        expect(row).to_contain_text("all tools")
        row.get_by_role("button", name="Delete").click()
        row.get_by_role("button", name="Delete it?").click()
        expect(row).to_be_hidden()

    def test_an_external_agent_is_connected_and_tested(self, page, tmp_path):
        page.goto("/agents")
        with running_a2a_agent(tmp_path / "agent") as agent:
            page.get_by_role("button", name="Connect agent").click()
            page.get_by_label("Name").fill("Tester")
            page.get_by_label("Address").fill(agent.url)
            page.get_by_label("Token").fill(TOKEN)
            page.get_by_role("button", name="Connect", exact=True).click()
            row = page.get_by_role("listitem", name="Tester")
            row.get_by_role("button", name="Test").click()
            expect(row).to_contain_text("Tester, A2A 1.0: Does as it is told.")
            expect(page.get_by_text(TOKEN)).to_be_hidden()
        row.get_by_role("button", name="Test").click()
        expect(row).to_contain_text("can't be reached")


class TestStartUp:
    def test_shows_each_service_until_the_orchestrator_answers(self, dashboard_nova, open_page):
        page = open_page()
        pid = dashboard_nova.kill("orchestrator", signal.SIGSTOP)
        try:
            page.goto("/")
            expect(page.get_by_role("heading", name="Nova is starting")).to_be_visible()
            row = page.get_by_role("listitem").filter(has_text="orchestrator")
            expect(row).to_contain_text("down")
            expect(page.get_by_role("listitem").filter(has_text="recovery")).to_contain_text("up")
        finally:
            dashboard_nova.kill("orchestrator", signal.SIGCONT)
        expect(page.get_by_label("Admin secret")).to_be_visible()
        assert dashboard_nova.pid("orchestrator") == pid


class TestLayout:
    @pytest.mark.parametrize("width", [390, 1280])
    def test_no_page_scrolls_sideways(self, open_page, width, tmp_path):
        page = open_page(width=width)
        log_in(page)
        for path, shown in (("/chat", "Message"), ("/tasks", "What should be done?")):
            page.goto(path)
            expect(page.get_by_label(shown)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto("/automations")
        page.get_by_role("button", name="New schedule").click()
        page.get_by_role("button", name="New webhook").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto("/keys")
        page.get_by_role("button", name="New key").click()
        page.get_by_label("Models", exact=True).select_option("Only these")
        page.screenshot(path=tmp_path / "keys.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto("/agents")
        page.get_by_role("button", name="New agent").click()
        page.get_by_role("button", name="Connect agent").click()
        page.get_by_label("Tools", exact=True).select_option("some")
        expect(page.get_by_role("group", name="Chosen tools")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto("/tasks")
        page.get_by_role("link").filter(has_text="count").first.or_(
            page.get_by_role("link").filter(has_text="slowly").first
        ).first.click()
        expect(page.get_by_role("tablist")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_the_login_and_a_message_need_no_mouse(self, open_page):
        page = open_page()
        page.goto("/login")
        expect(page.get_by_label("Admin secret")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.type(ADMIN_SECRET)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Message")).to_be_visible()
        seen: set[str] = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            name = page.evaluate(
                "document.activeElement.getAttribute('aria-label')"
                " ?? document.activeElement.textContent ?? ''"
            )
            seen.add(name.strip())
        assert {"Chat", "Tasks", "New chat", "Message", "Log out"} <= seen
