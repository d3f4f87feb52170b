"""Who speaks in a memory."""

import pytest

from services.memory_service.ingest.voices import Voice, voice_of


class TestVoiceOf:
    @pytest.mark.parametrize(
        ("content", "name"),
        [
            ("Nadja: the ferry is late", "Nadja"),
            ("  Mary Ann:\nhello", "Mary Ann"),
            ("user: hello", "user"),
            ("Οδυσσέας: γεια", "Οδυσσέας"),
            ("O'Brien-Smith: hello", "O'Brien-Smith"),
        ],
    )
    def test_a_short_name_before_a_colon(self, content: str, name: str) -> None:
        assert voice_of(content, None) == Voice(name, given=False)

    @pytest.mark.parametrize(
        "content",
        [
            "the ferry is late",
            "https://nova.test/a",
            "12:30 the ferry leaves",
            "four words are no name: said he",
            "a" * 50 + ": hello",
            "Nadja:",
            ": hello",
            "",
        ],
    )
    def test_nothing_else(self, content: str) -> None:
        assert voice_of(content, None) is None

    def test_a_given_speaker_goes_before_the_content(self) -> None:
        assert voice_of("Nadja: hello", " Theo ") == Voice("Theo", given=True)

    @pytest.mark.parametrize("speaker", ["", " ", "x" * 41])
    def test_a_speaker_that_is_no_name_is_no_voice(self, speaker: str) -> None:
        assert voice_of("hello", speaker) is None
