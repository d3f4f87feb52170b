"""Cards and accounts by their checksums."""

import random

import pytest

from tests.fixtures.scanner_corpus import card_number, iban
from tests.fixtures.scanning import found, hits

NAME = "payment_numbers"
CHANCE = random.Random(9)


def grouped(number: str, sign: str = " ") -> str:
    return sign.join(number[i : i + 4] for i in range(0, len(number), 4))


class TestCards:
    def test_found_however_they_are_grouped(self) -> None:
        for _ in range(20):
            card = card_number(CHANCE)
            for text in (card, grouped(card), grouped(card, "-")):
                assert found(NAME, f"Card: {text}.") == [text]
                assert hits(NAME, text)[0].severity == "high"

    def test_a_wrong_digit_makes_it_none(self) -> None:
        card = card_number(CHANCE)
        wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
        assert found(NAME, wrong) == []

    @pytest.mark.parametrize(
        "text", ["4111 1111 1111 1111", "0" * 16, "1234567890123456", "1.4111"]
    )
    def test_trials_and_other_figures_are_none(self, text: str) -> None:
        assert found(NAME, text) == []


class TestAccounts:
    def test_found_with_and_without_gaps(self) -> None:
        for _ in range(20):
            account = iban(CHANCE)
            for text in (account, grouped(account)):
                assert found(NAME, f"to {text}.") == [text]

    def test_a_wrong_digit_makes_it_none(self) -> None:
        account = iban(CHANCE)
        assert found(NAME, account[:-1] + str((int(account[-1]) + 1) % 10)) == []
