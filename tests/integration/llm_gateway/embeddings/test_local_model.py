"""The local model's vectors against plain NumPy, and its process under everything that can happen."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from services.kit.launch.configuration import ROOT
from services.kit.launch.process_tree import descendants_of
from services.kit.supervision import Supervisor
from services.llm_gateway.embeddings.local import files
from services.llm_gateway.embeddings.local.service import LocalModel
from services.llm_gateway.errors import ProviderDown
from tests.fixtures.processes import wait_until
from tests.integration.llm_gateway.embeddings.plain_minilm import PlainMiniLM

TEXTS = [
    "Where did I put the key?",
    "a",
    "The quick brown fox jumps over the lazy dog. " * 3,
    "Zürich, naïve café; ΑΒΓ, кошка, 猫が好き 😀",
    "   spaces \n and\tlines   ",
    "def add(a, b): return a + b  # code",
    "word " * 400,
    "\u200b\x07",
]
Run = Callable[..., AbstractAsyncContextManager[LocalModel]]


@asynccontextmanager
async def running(folder: Path, *, idle_seconds: float = 60.0) -> AsyncIterator[LocalModel]:
    model = LocalModel(folder, threads=1, idle_seconds=idle_seconds)
    async with Supervisor() as supervisor:
        supervisor.keep_running(model.keep_serving, name="local embedding model")
        yield model


async def pid_of(model: LocalModel) -> int:
    return await asyncio.to_thread(wait_until, lambda: model.pid, what="the model's process")


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists() and bool(Path(f"/proc/{pid}/cmdline").read_bytes())


class TestVectors:
    async def test_are_those_of_the_published_weights(self, model_folder: Path) -> None:
        plain = PlainMiniLM(model_folder)
        async with running(model_folder) as model:
            made = await model.embed(TEXTS)
        for text, vector in zip(TEXTS, made.vectors, strict=True):
            found, expected = np.frombuffer(vector, np.float32), plain.embed(text)
            assert found @ expected > 0.99999, text
            assert np.abs(found - expected).max() < 1e-4, text
            assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)

    async def test_known_values(self, model_folder: Path) -> None:
        """As sentence-transformers gives them for this text."""
        async with running(model_folder) as model:
            made = await model.embed(["hello world"])
        known = [-0.03447721, 0.03102315, 0.00673495, 0.02610898, -0.03936205]
        assert list(array("f", made.vectors[0])[:5]) == pytest.approx(known, abs=1e-5)
        assert made.tokens == [4]

    async def test_company_changes_nothing(self, model_folder: Path) -> None:
        async with running(model_folder) as model:
            alone = [(await model.embed([text])).vectors[0] for text in TEXTS]
            together = (await model.embed(TEXTS)).vectors
        for one, other in zip(alone, together, strict=True):
            assert list(array("f", one)) == pytest.approx(list(array("f", other)), abs=1e-5)

    async def test_meaning_counts(self, model_folder: Path) -> None:
        texts = ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "Income tax is due."]
        async with running(model_folder) as model:
            made = await model.embed(texts)
        cat, kitten, tax = (np.frombuffer(vector, np.float32) for vector in made.vectors)
        assert cat @ kitten > cat @ tax + 0.4

    async def test_what_comes_after_256_tokens_is_not_read(self, model_folder: Path) -> None:
        async with running(model_folder) as model:
            made = await model.embed(["word " * 254 + tail for tail in ("cat", "tax " * 30_000)])
        assert made.vectors[0] == made.vectors[1]
        assert made.tokens == [256, 256]


class TestProcess:
    async def test_starts_when_needed_and_ends_when_idle(self, model_folder: Path) -> None:
        async with running(model_folder, idle_seconds=0.3) as model:
            assert model.pid is None
            await model.embed(["a"])
            first = await pid_of(model)
            await asyncio.to_thread(wait_until, lambda: not is_alive(first), what="its end")
            await asyncio.to_thread(wait_until, lambda: model.pid is None, what="its end")
            await model.embed(["a"])
            assert model.pid not in {None, first}

    async def test_killed_between_calls(self, model_folder: Path) -> None:
        async with running(model_folder) as model:
            before = await model.embed(["a"])
            os.kill(await pid_of(model), signal.SIGKILL)
            assert await model.embed(["a"]) == before

    async def test_killed_in_the_middle_of_a_call(self, model_folder: Path) -> None:
        texts = [f"{number} " + "word " * 100 for number in range(64)]
        async with running(model_folder) as model:
            await model.embed(["a"])
            first = await pid_of(model)
            calling = asyncio.gather(model.embed(texts), model.embed(["query"]))
            await asyncio.sleep(0)  # both are waiting now
            os.kill(first, signal.SIGKILL)
            long, query = await calling
            assert model.pid != first
        assert len(set(long.vectors)) == len(texts)
        assert len(query.vectors) == 1

    async def test_many_callers_at_once(self, model_folder: Path) -> None:
        async with running(model_folder) as model:
            texts = [f"text number {number}" for number in range(60)]
            alone = await model.embed(texts)
            shared = await asyncio.gather(*(model.embed([text]) for text in texts))
        for one, (made,) in zip(alone.vectors, ((each.vectors) for each in shared), strict=True):
            assert list(array("f", one)) == pytest.approx(list(array("f", made)), abs=1e-5)

    async def test_a_caller_who_leaves_spoils_nothing(self, model_folder: Path) -> None:
        async with running(model_folder) as model:
            expected = await model.embed(["stays"])
            leaving = asyncio.ensure_future(model.embed(["leaves " * 200] * 500))
            await asyncio.sleep(0.05)
            leaving.cancel()
            began = time.monotonic()
            assert await model.embed(["stays"]) == expected
            assert time.monotonic() - began < 10

    async def test_its_queue_has_an_end(self, model_folder: Path) -> None:
        async with running(model_folder) as model:
            waiting = asyncio.ensure_future(model.embed(["a"] * 19_000))
            await asyncio.sleep(0)
            with pytest.raises(ProviderDown, match="texts to embed before"):
                await model.embed(["b"] * 2_000)
            waiting.cancel()

    async def test_nothing_is_left_at_the_end(self, model_folder: Path) -> None:
        async with running(model_folder) as model:
            calling = asyncio.ensure_future(model.embed(["word " * 200] * 200))
            pid = await pid_of(model)
        assert not is_alive(pid)
        with pytest.raises(ProviderDown):
            await calling

    def test_it_does_not_outlive_a_gateway_that_is_killed(self, model_folder: Path) -> None:
        script = (
            "import asyncio\n"
            "from pathlib import Path\n"
            "from services.llm_gateway.embeddings.local.service import LocalModel\n"
            "async def main():\n"
            f"    model = LocalModel(Path({str(model_folder)!r}), threads=1, idle_seconds=60)\n"
            "    serving = asyncio.ensure_future(model.keep_serving())\n"
            "    await model.embed(['word ' * 200] * 1000)\n"
            "asyncio.run(main())\n"
        )
        gateway = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
        [child] = wait_until(lambda: descendants_of(gateway.pid), what="the model's process")
        gateway.kill()
        gateway.wait()
        wait_until(lambda: not is_alive(child), what="its end", seconds=10)


class TestMissingOrBroken:
    async def test_files_missing(self, tmp_path: Path) -> None:
        model = LocalModel(tmp_path / "nowhere", threads=1, idle_seconds=1)
        assert "scripts/up installs them" in (model.missing() or "")

    @pytest.mark.parametrize("name", files.FILES)
    async def test_a_file_cut_short(self, own_model_folder: Path, name: str) -> None:
        assert files.problem(own_model_folder) is None
        data = (own_model_folder / name).read_bytes()[:-1]
        (own_model_folder / name).unlink()
        (own_model_folder / name).write_bytes(data)
        assert "damaged" in (files.problem(own_model_folder) or "")

    async def test_a_graph_that_is_none(self, own_model_folder: Path) -> None:
        """It says why, to everybody who waits, and is left alone for a moment."""
        graph = own_model_folder / files.GRAPH
        graph.write_bytes(bytes(graph.stat().st_size))
        async with running(own_model_folder) as model:
            assert model.missing() is None
            assert model.failure() is None
            answers = await asyncio.gather(
                model.embed(["a"]), model.embed(["b"] * 50), return_exceptions=True
            )
            assert {type(answer) for answer in answers} == {ProviderDown}
            assert "does not work" in str(answers[0])
            assert model.failure()
            with pytest.raises(ProviderDown):
                await model.embed(["c"])
            assert model.pid is None

    async def test_it_dies_while_it_loads(self, own_model_folder: Path) -> None:
        """tokenizers has no error of its own to tell a broken file by."""
        tokenizer = own_model_folder / files.TOKENIZER
        tokenizer.write_bytes(b"{" * tokenizer.stat().st_size)
        async with running(own_model_folder) as model:
            with pytest.raises(ProviderDown, match="while it was starting"):
                await model.embed(["a"])
            assert model.failure()
