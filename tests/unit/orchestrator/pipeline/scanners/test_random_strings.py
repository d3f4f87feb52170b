"""Random strings that nothing else explains."""

import base64
import hashlib
import random
import string
import uuid

import pytest

from tests.fixtures.scanning import found

NAME = "random_strings"
CHANCE = random.Random(5)


class TestRandomStrings:
    @pytest.mark.parametrize("length", [32, 40, 64, 100])
    def test_one_that_is_quoted_or_assigned(self, length: int) -> None:
        seen = 0
        for _ in range(100):
            value = "".join(CHANCE.choices(string.ascii_letters + string.digits, k=length))
            quoted, assigned = found(NAME, f'x = "{value}"'), found(NAME, f"x={value}\n")
            assert quoted == assigned
            seen += quoted == [value]
        assert seen >= 90  # few digits make one look like a name

    def test_checksums_names_and_pictures_are_none(self) -> None:
        data = CHANCE.randbytes(64)
        picture = base64.b64encode(CHANCE.randbytes(600)).decode()
        for text in (
            hashlib.sha256(data).hexdigest(),
            str(uuid.UUID(bytes=data[:16])),
            f"data:image/png;base64,{picture}",
            f"sha512-{base64.b64encode(data).decode()}",
            "AbstractSingletonProxyFactoryBean22Test",
            "/usr/lib/python3.11/site-packages/Foo2/Bar33",
            "a" * 60,
        ):
            assert found(NAME, f'value = "{text}"') == []
