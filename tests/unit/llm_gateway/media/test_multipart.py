"""The model in a form is found and replaced, however the form is cut, and never a second one slips by."""

from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.errors import BadRequest
from services.llm_gateway.media.multipart import ModelForm, boundary_of

BOUNDARY = b"bound"


def part(name: str, value: bytes, extra: str = "") -> bytes:
    head = f'--bound\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
    return head.encode() + value + b"\r\n"


FILE = part("file", b"\x00\r\n--boun\r\n--\r\nsound" * 50, '; filename="a.wav"')
END = b"--bound--\r\n"


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def rewritten(body: bytes, size: int = 7, model: str = "whisper-large") -> tuple[str, bytes]:
    form = ModelForm(BOUNDARY, in_pieces(body, size))
    found = await form.find_model()
    return found, b"".join([piece async for piece in form.rest(model)])


class TestModelForm:
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
    @pytest.mark.parametrize("first", [True, False])
    async def test_the_model_is_replaced_wherever_it_stands(
        self, size: int, *, first: bool
    ) -> None:
        other = part("language", b"de")

        def body(model: bytes) -> bytes:
            return (
                (part("model", model) + FILE if first else FILE + part("model", model))
                + other
                + END
            )

        found, sent = await rewritten(body(b"nova/whisper-1"), size)
        assert (found, sent) == ("nova/whisper-1", body(b"whisper-large"))

    @given(value=st.binary(max_size=300), size=st.integers(1, 50))
    @settings(max_examples=100, deadline=None)
    async def test_any_file_comes_through_as_it_is(self, value: bytes, size: int) -> None:
        if b"\r\n--bound" in b"\r\n" + value + b"\r\n":
            return
        body = part("model", b"a") + part("file", value) + END
        assert (await rewritten(body, size, "a")) == ("a", body)

    async def test_what_httpx_sends_is_understood(self) -> None:
        request = httpx.Request(
            "POST",
            "http://x",
            data={"model": "whisper-1", "prompt": "Ölfaß"},
            files={"file": ('na"me ä.wav', b"RIFF" * 1000, "audio/wav")},
        )
        boundary = boundary_of(request.headers["content-type"])
        form = ModelForm(boundary, in_pieces(request.read(), 11))
        assert await form.find_model() == "whisper-1"
        sent = b"".join([piece async for piece in form.rest("w")])
        assert sent == request.content.replace(b"whisper-1", b"w")

    async def test_the_same_model_twice_or_another(self) -> None:
        with pytest.raises(BadRequest, match="two models"):
            await rewritten(part("model", b"a") + FILE + part("model", b"b") + END)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"--bound",
            b"preamble\r\n" + part("model", b"a") + END,
            part("model", b"a"),
            part("model", b"a") + END + b"--bound\r\nmore",
            part("model", b"a" * 600) + END,
            part("model", b"a\r\nb") + END,
            part("model", b"a", '; filename="x"') + END,
            b"--bound\r\nX-Long: " + b"x" * 10_000,
            b"--bound\r\nContent-Disposition: form-data; name=model\r\n\r\na\r\n" + END,
            b"--bound\r\nContent-Disposition: form-data; name*=utf-8''model\r\n\r\na\r\n" + END,
            b'--bound\r\nContent-Disposition: form-data;\r\n name="model"\r\n\r\na\r\n' + END,
            b'--bound\r\nContent-Disposition: form-data; name="mo\\del"\r\n\r\na\r\n' + END,
            b'--bound\r\nContent-Disposition: form-data; name="a"; name="model"\r\n\r\na\r\n' + END,
            b'--bound\r\nContent-Disposition: form-data; name="a"\r\n'
            b'Content-Disposition: form-data; name="model"\r\n\r\na\r\n' + END,
            b"--bound\r\nContent-Type: text/plain\r\n\r\na\r\n" + END,
            b'--boundary\r\nContent-Disposition: form-data; name="model"\r\n\r\na\r\n' + END,
        ],
    )
    async def test_what_could_be_read_in_two_ways_is_refused(self, body: bytes) -> None:
        for size in (1, 10_000):
            with pytest.raises(BadRequest):
                await rewritten(body, size)

    async def test_no_model(self) -> None:
        with pytest.raises(BadRequest) as caught:
            await rewritten(FILE + END)
        assert caught.value.code == "model_missing"


class TestBoundaryOf:
    def test_forms(self) -> None:
        assert boundary_of("multipart/form-data; boundary=abc") == b"abc"
        assert boundary_of('Multipart/Form-Data;boundary="a b"') == b"a b"

    @pytest.mark.parametrize(
        "kind",
        [
            "",
            "application/json",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=" + "x" * 80,
            "multipart/form-data; boundary=a; boundary=b",
            'multipart/form-data; boundary="a\\b"',
            "multipart/mixed; boundary=a",
        ],
    )
    def test_anything_else(self, kind: str) -> None:
        with pytest.raises(BadRequest):
            boundary_of(kind)
