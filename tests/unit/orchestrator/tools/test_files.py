"""list_dir, read_file and write_file: their results, and that they stay in the workspace."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.orchestrator.tools import beneath
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.list_dir import TOOL as LIST_DIR
from services.orchestrator.tools.read_file import TOOL as READ_FILE
from services.orchestrator.tools.workspace_files import inner_path
from services.orchestrator.tools.write_file import TOOL as WRITE_FILE

OUTSIDE_PATHS = (
    "../secret.txt",
    "/etc/passwd",
    "a/../../secret.txt",
    "/workspace/../secret.txt",
    "//etc/passwd",
)


@pytest.fixture(params=["openat2", "stepwise"])
def context(request: pytest.FixtureRequest, context: ToolContext, monkeypatch: pytest.MonkeyPatch):
    """Every case holds with the kernel's resolution and with the fallback."""
    if request.param == "stepwise":
        monkeypatch.setattr(beneath, "_has_openat2", lambda: False)
    return context


class TestListDir:
    async def test_names_are_sorted_one_per_line_and_folders_end_with_a_slash(
        self, context: ToolContext
    ):
        (context.workspace / "b.txt").touch()
        (context.workspace / ".hidden").touch()
        (context.workspace / "a").mkdir()
        outcome = await LIST_DIR.run({}, context)
        assert outcome.ok
        assert outcome.text == ".hidden\na/\nb.txt"

    async def test_an_empty_folder_is_an_empty_text(self, context: ToolContext):
        outcome = await LIST_DIR.run({"path": "."}, context)
        assert (outcome.ok, outcome.text) == (True, "")

    async def test_a_file_is_refused(self, context: ToolContext):
        (context.workspace / "a").write_text("x")
        outcome = await LIST_DIR.run({"path": "a"}, context)
        assert not outcome.ok
        assert "not a folder" in outcome.text

    async def test_many_names_are_cut_with_a_note(self, context: ToolContext):
        few = replace(context, settings=replace(context.settings, list_limit=3))
        for number in range(5):
            (context.workspace / f"{number}").touch()
        outcome = await LIST_DIR.run({}, few)
        assert outcome.text == "0\n1\n2\n[cut: first 3 of 5 names]"

    async def test_a_name_cannot_break_a_line_or_the_encoding(self, context: ToolContext):
        (context.workspace / "a\nb").touch()
        (Path(os.fsdecode(os.fsencode(context.workspace) + b"/\xff"))).touch()
        outcome = await LIST_DIR.run({}, context)
        assert outcome.text.splitlines() == ["a\\nb", "�"]
        outcome.text.encode()


class TestReadFile:
    async def test_the_plain_text_is_returned(self, context: ToolContext):
        text = "Grüße\r\n\tμ 日本\n"
        (context.workspace / "ä ö.txt").write_bytes(text.encode())
        assert (await READ_FILE.run({"path": "ä ö.txt"}, context)).text == text

    async def test_a_path_as_commands_see_it_is_accepted(self, context: ToolContext):
        (context.workspace / "a").write_text("x")
        assert (await READ_FILE.run({"path": "/workspace/a"}, context)).text == "x"

    @pytest.mark.parametrize("path", OUTSIDE_PATHS)
    async def test_a_path_outside_is_refused(self, context: ToolContext, path: str):
        outcome = await READ_FILE.run({"path": path}, context)
        assert not outcome.ok
        assert "outside the workspace" in outcome.text

    @pytest.mark.parametrize("target", ["../secret.txt", "/etc/passwd", "/proc/self/environ"])
    async def test_a_link_to_the_outside_is_refused(self, context: ToolContext, target: str):
        (context.workspace / "link").symlink_to(target)
        outcome = await READ_FILE.run({"path": "link"}, context)
        assert not outcome.ok
        assert "outside the workspace" in outcome.text

    async def test_a_linked_folder_to_the_outside_is_refused(self, context: ToolContext):
        (context.workspace / "link").symlink_to("..")
        outcome = await READ_FILE.run({"path": "link/secret.txt"}, context)
        assert not outcome.ok

    async def test_a_missing_file_says_what_to_do(self, context: ToolContext):
        outcome = await READ_FILE.run({"path": "none.txt"}, context)
        assert (
            outcome.text == "There is no none.txt in the workspace. list_dir shows what there is."
        )

    async def test_a_folder_is_refused(self, context: ToolContext):
        outcome = await READ_FILE.run({"path": "."}, context)
        assert "is a folder" in outcome.text

    async def test_a_fifo_does_not_block(self, context: ToolContext):
        os.mkfifo(context.workspace / "fifo")
        outcome = await READ_FILE.run({"path": "fifo"}, context)
        assert "not a regular file" in outcome.text

    async def test_a_binary_file_is_named_as_such(self, context: ToolContext):
        (context.workspace / "b").write_bytes(b"\x7fELF\0\0")
        assert "is a binary file of 6 bytes" in (await READ_FILE.run({"path": "b"}, context)).text

    async def test_other_encodings_are_marked(self, context: ToolContext):
        (context.workspace / "l").write_bytes("Grün".encode("latin-1"))
        text = (await READ_FILE.run({"path": "l"}, context)).text
        assert text.startswith("Gr�n\n[not all of it is UTF-8")

    async def test_a_large_file_is_cut_between_characters(self, context: ToolContext):
        small = replace(context, settings=replace(context.settings, read_limit=5))
        (context.workspace / "l").write_text("ääää")
        assert (await READ_FILE.run({"path": "l"}, small)).text == "ää\n[cut: first 5 of 8 bytes]"
        rest = await READ_FILE.run({"path": "l", "offset": 4}, small)
        assert rest.text == "ää\n[cut: bytes 4 to 8 of 8]"

    @pytest.mark.parametrize("path", ["", "a\0b", "x" * 300, "\udcff", "a/" * 3000])
    async def test_strange_paths_are_answered(self, context: ToolContext, path: str):
        outcome = await READ_FILE.run({"path": path}, context)
        assert not outcome.ok
        assert outcome.text


class TestWriteFile:
    async def test_the_number_of_bytes_is_said(self, context: ToolContext):
        outcome = await WRITE_FILE.run({"path": "a/b/ü.txt", "content": "ü"}, context)
        assert outcome.text == "Wrote 2 bytes to a/b/ü.txt."
        assert (context.workspace / "a/b/ü.txt").read_text() == "ü"

    async def test_a_second_time_leaves_the_same(self, context: ToolContext):
        for _ in range(2):
            assert (await WRITE_FILE.run({"path": "a", "content": "1"}, context)).ok
        assert [path.name for path in context.workspace.iterdir()] == ["a"]

    async def test_the_mode_is_kept(self, context: ToolContext):
        (context.workspace / "run").write_text("old")
        (context.workspace / "run").chmod(0o750)
        await WRITE_FILE.run({"path": "run", "content": "new"}, context)
        assert (context.workspace / "run").stat().st_mode & 0o7777 == 0o750

    @pytest.mark.parametrize("path", OUTSIDE_PATHS)
    async def test_a_path_outside_is_refused(self, context: ToolContext, path: str):
        before = Path("/etc/passwd").read_bytes()
        outcome = await WRITE_FILE.run({"path": path, "content": "evil"}, context)
        assert not outcome.ok
        assert (context.workspace.parent / "secret.txt").read_text() == "outside"
        assert Path("/etc/passwd").read_bytes() == before

    async def test_nothing_is_made_behind_a_link(self, context: ToolContext):
        (context.workspace / "link").symlink_to("..")
        outcome = await WRITE_FILE.run({"path": "link/made/x", "content": "evil"}, context)
        assert not outcome.ok
        assert not (context.workspace.parent / "made").exists()

    async def test_a_link_is_not_written_through(self, context: ToolContext):
        (context.workspace / "link").symlink_to("../secret.txt")
        outcome = await WRITE_FILE.run({"path": "link", "content": "evil"}, context)
        assert not outcome.ok
        assert (context.workspace.parent / "secret.txt").read_text() == "outside"

    @pytest.mark.parametrize("path", [".", "", "folder", "folder/", "new/"])
    async def test_a_folder_is_not_replaced(self, context: ToolContext, path: str):
        (context.workspace / "folder").mkdir()
        assert not (await WRITE_FILE.run({"path": path, "content": "x"}, context)).ok
        assert (context.workspace / "folder").is_dir()

    async def test_a_file_in_the_way_of_a_folder_is_reported(self, context: ToolContext):
        (context.workspace / "a").write_text("x")
        outcome = await WRITE_FILE.run({"path": "a/b", "content": "x"}, context)
        assert not outcome.ok
        assert "not a folder" in outcome.text

    async def test_a_reader_never_sees_half_a_file(self, context: ToolContext):
        target, seen, stop = context.workspace / "f", set[int](), threading.Event()
        target.write_text("a" * 100_000)

        def read() -> None:
            while not stop.is_set():
                seen.add(len(target.read_bytes()))

        reader = threading.Thread(target=read)
        reader.start()
        for letter in "bcdefgh":
            await WRITE_FILE.run({"path": "f", "content": letter * 200_000}, context)
        stop.set()
        reader.join()
        assert seen <= {100_000, 200_000}


class TestRaces:
    async def test_swapping_a_folder_for_a_link_never_leads_outside(self, context: ToolContext):
        """A folder flips between itself and a link to the outside while it is read."""
        outside = context.workspace.parent / "private"
        outside.mkdir()
        (outside / "f").write_text("outside")
        inside, flip, stop = context.workspace / "d", context.workspace / "flip", threading.Event()
        inside.mkdir()
        (inside / "f").write_text("inside")

        def swap() -> None:
            while not stop.is_set():
                inside.rename(flip)
                inside.symlink_to(outside)
                inside.unlink()
                flip.rename(inside)

        swapper = threading.Thread(target=swap)
        swapper.start()
        texts = {(await READ_FILE.run({"path": "d/f"}, context)).text for _ in range(500)}
        stop.set()
        swapper.join()
        assert "outside" not in texts


class TestWorkspaceFolder:
    async def test_a_subfolder_that_became_a_link_to_the_outside_is_refused(
        self, context: ToolContext
    ):
        (context.workspace / "sub").symlink_to("..")
        inside = replace(context, workspace=context.workspace / "sub")
        outcome = await READ_FILE.run({"path": "secret.txt"}, inside)
        assert not outcome.ok
        assert "workspace cannot be used" in outcome.text


class TestArguments:
    @pytest.mark.parametrize(
        "arguments", ["", "{", "[]", "null", '{"path": 1}', '{"nope": 1}', '{"path": "a", "x": 2}']
    )
    async def test_wrong_arguments_are_explained(self, context: ToolContext, arguments: str):
        outcome = await READ_FILE.run(arguments, context)
        assert not outcome.ok
        assert "wrong arguments" in outcome.text

    async def test_json_text_is_taken(self, context: ToolContext):
        (context.workspace / "a").write_text("x")
        assert (await READ_FILE.run('{"path": "a"}', context)).ok


class TestInnerPath:
    @given(st.text(max_size=40))
    @settings(suppress_health_check=[HealthCheck.too_slow])
    def test_it_is_relative_and_never_climbs(self, path: str):
        try:
            inside = inner_path(path)
        except ToolError:
            return
        assert not inside.startswith("/")
        assert ".." not in inside.split("/")
