"""The command language: what requests do, and what is refused whole."""

import pytest

from tests.unit.llm_gateway.offline.agent import TOOLS, Agent

NOTES = "the quick brown fox\njumps over\n\nthe lazy dog\n"
WORDS, LINES, CHARACTERS = "9", "4", str(len(NOTES))


@pytest.mark.parametrize(
    "request_text",
    [
        "Read notes.txt in the workspace, write its word count to count.txt",
        "How many words are in notes.txt? Write the answer to count.txt.",
        "Create a file named count.txt containing the number of words in notes.txt.",
        "Count the words in notes.txt and save the number to count.txt.",
        "Take notes.txt, count the words, and put the number in count.txt",
        "Open notes.txt; its word count goes into count.txt",
        "In notes.txt, count the words and put the total in count.txt.",
        "The word count of notes.txt should go into count.txt",
        "I want the number of words in notes.txt written to count.txt",
        "Count words of notes.txt > count.txt",
        "Could you figure out how many words notes.txt has and leave the answer in count.txt?",
        "write to count.txt the number of words in notes.txt",
        "Put into count.txt how many words notes.txt contains",
        "1. Read notes.txt\n2. Count its words\n3. Write the result to count.txt",
        "- read notes.txt\n- write its word count to count.txt",
        "write notes.txt's word count to count.txt",
        "After reading notes.txt, write its word count to count.txt",
        "Overwrite count.txt with the word count of notes.txt",
        "Would you mind reading notes.txt and saving its word count in count.txt?",
        "count.txt should contain the number of words in notes.txt",
        "In count.txt, put the number of words in notes.txt",
        (
            "Hello! I have a file notes.txt. I'd like to know how many words it has. "
            "Please write that to count.txt."
        ),
        (
            'Please read the file "notes.txt", and write the number of words it contains to the '
            'file "count.txt".'
        ),
        "Open notes.txt, see how many words it has, and put that many into count.txt",
        (
            "Count how many words notes.txt contains, and write this number (and nothing else) "
            "to count.txt"
        ),
        "Figure out the length of notes.txt in words and write it to count.txt",
        "notes.txt -> count its words -> write to count.txt",
        "Your job: read notes.txt, then make count.txt with the number of words in it.",
        "count.txt = word count of notes.txt",
        (
            "Put the number of words of the file notes.txt, which is in the workspace, in the file "
            "count.txt"
        ),
        "READ notes.txt AND WRITE ITS WORD COUNT TO count.txt",
        "Go through notes.txt, counting its words, and record the count in count.txt",
    ],
)
def test_word_count_is_written(request_text: str) -> None:
    agent = Agent(files={"notes.txt": NOTES})
    agent.ask(request_text)
    assert agent.files == {"notes.txt": NOTES, "count.txt": WORDS}


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("write hello world to a.txt", {"a.txt": "hello world"}),
        ("Save 'hello' as greeting.txt", {"greeting.txt": "hello"}),
        ("Make a file called x.txt that says hello", {"x.txt": "hello"}),
        ("Create an empty file x.txt", {"x.txt": ""}),
        ('Create a new file a/b.txt containing "Hello, World!"', {"a/b.txt": "Hello, World!"}),
        ("Write the following to a.txt: Hello, world", {"a.txt": "Hello, world"}),
        ("Write these lines to a.txt:\n```\none\ntwo\n```", {"a.txt": "one\ntwo\n"}),
        ('put "x" in "my file.txt"', {"my file.txt": "x"}),
        ('Write "Read a.txt and delete it" to b.txt', {"b.txt": "Read a.txt and delete it"}),
        ("copy notes.txt to backup.txt", {"backup.txt": NOTES}),
        ("Make a copy of notes.txt called backup.txt", {"backup.txt": NOTES}),
        ("Write the contents of notes.txt to b.txt", {"b.txt": NOTES}),
        (
            "Put the line count of notes.txt into lines.txt and the word count into words.txt",
            {"lines.txt": LINES, "words.txt": WORDS},
        ),
        ("write the number of characters of notes.txt to n.txt", {"n.txt": CHARACTERS}),
        ("write the words and lines count of notes.txt to n.txt", {"n.txt": "words: 9\nlines: 4"}),
        (
            "search for lazy and write the results to found.txt",
            {"found.txt": "notes.txt:4: the lazy dog"},
        ),
        ("Run `ls` and write the output to out.txt", {"out.txt": "shell says hi"}),
        ("list the files and write them to all.txt", {"all.txt": "notes.txt\nsrc/"}),
        ('Append "done" to log.txt', {"log.txt": "done\n"}),
        (
            'Append "a" to log.txt, then add "b" at the end of log.txt',
            {"log.txt": "a\nb\n"},
        ),
        (
            (
                'write "a b" to x.txt, "c" to y.txt, then write the total word count of x.txt and '
                "y.txt to z.txt"
            ),
            {"x.txt": "a b", "y.txt": "c", "z.txt": "3"},
        ),
    ],
)
def test_files_are_changed(request_text: str, expected: dict[str, str]) -> None:
    agent = Agent(files={"notes.txt": NOTES})
    agent.ask(request_text)
    assert agent.files == {"notes.txt": NOTES} | expected


@pytest.mark.parametrize(
    ("request_text", "said"),
    [
        ("How many words are in notes.txt?", "notes.txt has 9 words."),
        ("how many lines and words does notes.txt have", "4 lines and 9 words"),
        ("What is in the workspace?", "notes.txt\nsrc/"),
        ("Show me notes.txt", "jumps over"),
        ("how many files are there?", "1 file"),
        ('How many times does "the" appear in notes.txt?', "2 times"),
        ("list the files, then read notes.txt and count its lines", "has 4 lines"),
        ("find all foxes in notes.txt", "no match"),
        ('count the words in "one two three"', "3 words"),
    ],
)
def test_questions_are_answered(request_text: str, said: str) -> None:
    agent = Agent(files={"notes.txt": NOTES})
    answer = agent.ask(request_text)
    assert said in answer
    assert "No language model is connected" in answer
    assert agent.files == {"notes.txt": NOTES}


def test_remember_and_recall() -> None:
    agent = Agent()
    agent.ask("Remember that my favourite colour is blue.")
    assert agent.remembered == ["my favourite colour is blue"]
    assert "blue" in agent.ask("What do you remember about my favourite colour?")
    assert agent.calls[-1] == ("recall", {"query": "my favourite colour"})


def test_shell_commands_keep_their_text() -> None:
    agent = Agent()
    agent.ask("Run cat notes.txt | wc -w > count.txt")
    agent.ask("execute the command \"echo 'a; b'\"")
    assert agent.commands == ["cat notes.txt | wc -w > count.txt", "echo 'a; b'"]


@pytest.mark.parametrize(
    "request_text",
    [
        "Translate notes.txt into French",
        "Read notes.txt and summarise it into summary.txt",
        "Frobnicate notes.txt and write it to x.txt",
        "Write a poem to poem.txt",
        "Delete notes.txt",
        "If notes.txt exists, write hello to x.txt",
        "Read notes.txt, uppercase it, and write to up.txt",
        "write hello to a.txt. I want a poem about it in poem.txt.",
    ],
)
def test_what_is_not_understood_is_not_half_done(request_text: str) -> None:
    agent = Agent(files={"notes.txt": NOTES})
    answer = agent.ask(request_text)
    assert agent.calls == []
    assert "did not understand" in answer


def test_failed_tool_is_reported_and_ends_the_chain() -> None:
    agent = Agent()
    answer = agent.ask("read missing.txt and write its word count to count.txt")
    assert "read_file missing.txt failed: missing.txt does not exist" in answer
    assert "1 later step was not done" in answer
    assert agent.files == {}


def test_missing_tool_is_named_before_anything_is_done() -> None:
    agent = Agent(files={"notes.txt": NOTES})
    reading = [tool for tool in TOOLS if tool["function"] == {"name": "read_file"}]
    answer = agent.ask("read notes.txt and copy it to b.txt", tools=reading)
    assert "needs write_file" in answer
    assert agent.calls == []


def test_a_cut_file_is_neither_counted_nor_copied() -> None:
    agent = Agent(files={"big.txt": "a b c\n[cut: 3 of 900000 bytes shown]"})
    assert "could not be read whole" in agent.ask(
        "count the words in big.txt and write it to n.txt"
    )
    assert "could not be read whole" in agent.ask("append x to big.txt")
    assert list(agent.files) == ["big.txt"]


def test_reading_calls_are_made_together() -> None:
    agent = Agent(files={"a.txt": "1 2", "b.txt": "3"})
    answer = agent.ask("Read a.txt and b.txt, then tell me their total word count")
    assert "All together they have 3 words" in answer
