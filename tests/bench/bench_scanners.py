"""How well and how fast the guardrail's scanners find things: precision and recall by category.

.venv/bin/python -m tests.bench.bench_scanners
"""

import random
import string
import time
from collections import defaultdict
from dataclasses import dataclass

from services.orchestrator.pipeline.scanning.scan import Material, scan
from services.orchestrator.pipeline.scanning.scanner import Source
from tests.fixtures.scanner_corpus import Sample, corpus

CATEGORIES = ("credential", "pii", "injection")
_MIB = 1 << 20


@dataclass
class Score:
    """What was found rightly, wrongly and not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)


def score(samples: list[Sample]) -> tuple[dict[str, Score], list[str]]:
    """Scores by category, and a line for each mistake."""
    scores: dict[str, Score] = defaultdict(Score)
    mistakes: list[str] = []
    for sample in samples:
        findings = scan([Material(sample.source, "text", sample.text)])
        found = {one.category for one in findings}
        for category in CATEGORIES:
            if category == sample.category:
                hit = category in found
                scores[category].right += hit
                scores[category].missed += not hit
                if not hit:
                    mistakes.append(f"missed {category}: {sample.name}")
            elif category in found:
                scores[category].wrong += 1
                titles = [one.title for one in findings if one.category == category]
                mistakes.append(f"wrongly {category}: {sample.name}: {titles}")
    return scores, mistakes


def hostile_texts() -> dict[str, str]:
    """A mebibyte each, of what patterns that backtrack would choke on."""
    letters = "".join(random.Random(3).choices(string.printable, k=_MIB))
    patterns = {
        "one letter": "a",
        "digits": "4111 ",
        "digits, close": "1",
        "quotes": 'password="',
        "key heads": "sk-",
        "token heads": "eyJ",
        "key block heads": "-----BEGIN RSA PRIVATE KEY-----\n",
        "dots": "a.b@",
        "brackets": "![](",
        "images": "<img ",
        "colons": "a:b:",
        "instructions": "ignore all the ",
        "wide": "ｉｇ\u200bｎｏｒｅ ",
        "slashes": "https://a:",
    }
    texts = {name: text * (_MIB // len(text)) for name, text in patterns.items()}
    return {**texts, "noise": letters}


def main() -> None:
    scores, mistakes = score(corpus())
    for category, one in sorted(scores.items()):
        print(f"{category:12} precision {one.precision:.3f}  recall {one.recall:.3f}  {one}")
    print("\n".join(mistakes) or "no mistakes")
    for name, text in hostile_texts().items():
        begun = time.perf_counter()
        findings = scan([Material(Source.RESULT, "text", text)])
        seconds = time.perf_counter() - begun
        note = [one.evidence for one in findings if one.category == "scan"]
        print(f"1 MiB of {name:16} {seconds:6.2f} s  {len(findings)} findings {note}")


if __name__ == "__main__":
    main()
