"""More requests, in the manner of tickets and of chat messages."""

from tests.unit.llm_gateway.offline.unforeseen_cases import WORKSPACE, Case

_NOTES = WORKSPACE["notes.txt"]

CASES = [
    Case(
        "Hi Nova, quick one: what's the line count of logs/2024-05-01.log? "
        "Drop it in metrics/lines.txt, thx.",
        files={"metrics/lines.txt": "3"},
    ),
    Case(
        "Would it be possible to get a copy of config.yaml stored as config.old.yaml?",
        files={"config.old.yaml": WORKSPACE["config.yaml"]},
    ),
    Case("I was wondering how many words todo.md contains.", says=("10",)),
    Case("todo.md: lines?", says=("3",)),
    Case(
        "From README.md take the text, then store it under docs/intro.md.",
        files={"docs/intro.md": WORKSPACE["README.md"]},
    ),
    Case(
        "Let's start by listing src; next, open src/db.py; "
        "at the end write its number of lines to db-lines.txt.",
        files={"db-lines.txt": "2"},
    ),
    Case(
        "Task: create report.txt. Content: number of words in notes.txt",
        files={"report.txt": "9"},
    ),
    Case("Tell me the total number of words across notes.txt, todo.md and README.md", says=("24",)),
    Case(
        "Log the text “maintenance window opened” by appending it to ops.log",
        files={"ops.log": "maintenance window opened\n"},
    ),
    Case(
        "Which lines in src contain the string TODO? Save them in src-todo.txt.",
        files={"src-todo.txt": "src/app.py:2: # TODO: handle failures"},
    ),
    Case("please could you write 'Grüße' into größe.txt", files={"größe.txt": "Grüße"}),
    Case(
        "Fetch notes.txt and make an identical copy of it at archive/notes-2024.txt",
        files={"archive/notes-2024.txt": _NOTES},
    ),
    Case("Have the word count of notes.txt saved to wc.txt", files={"wc.txt": "9"}),
    Case(
        "Remember this: the UPS lasts 20 minutes.",
        calls=("remember the UPS lasts 20 minutes",),
    ),
    Case("Do you remember what I told you about the UPS?", calls=("recall UPS",)),
    Case(
        "Count words, lines and characters in README.md and record all three in readme-stats.txt",
        files={"readme-stats.txt": "words: 5\nlines: 3\ncharacters: 30"},
    ),
    Case("execute the following command: echo done", calls=("run_shell echo done",)),
    Case("Without changing anything, just show me todo.md", says=("- fix router",)),
    Case(
        "Save the names of all files in the logs folder to names.txt",
        files={"names.txt": "2024-05-01.log"},
    ),
    Case(
        'The text "on call: Ana" belongs into oncall.txt, and please show me the file afterwards',
        files={"oncall.txt": "on call: Ana"},
        calls=("write_file oncall.txt", "read_file oncall.txt"),
    ),
    Case(
        "Grab config.yaml, count how many lines it's got and stick that number in cfg.txt",
        files={"cfg.txt": "2"},
    ),
    Case("open notes.txt\nhow many words?\nput that in n.txt", files={"n.txt": "9"}),
    Case(
        'Could you append today\'s note "fixed DNS" to journal.md '
        "and then tell me how many lines journal.md has?",
        files={"journal.md": "fixed DNS\n"},
        says=("1 line",),
    ),
    Case("src/app.py has how many lines?", says=("3",)),
    Case("Make backup.txt out of notes.txt", files={"backup.txt": _NOTES}),
    Case('Create two files: a.txt with "1" and b.txt with "2"', files={"a.txt": "1", "b.txt": "2"}),
    Case(
        "After you've read README.md, tell me the number of paragraphs it has "
        "and write that to p.txt",
        files={"p.txt": "2"},
    ),
    Case(
        'Search the workspace for "router" and append what you find to todo-hits.md',
        files={"todo-hits.md": "todo.md:2: - fix router\n"},
    ),
]

REFUSED = [
    ("read notes.txt and tell me what it means", "judgement"),
    ("count the words in the longest file", "a choice of files"),
    ('write "x" to a.txt every hour', "a time"),
    ("summarize the TODOs in src", "judgement"),
    ("append a witty remark to notes.txt", "would have to be made up"),
    ("remove the last line from todo.md", "no such command"),
    ("check whether config.yaml is valid", "judgement"),
    ("write the number of error lines of logs/2024-05-01.log to e.txt", "a choice of lines"),
    ("do not write anything to a.txt", "a negation"),
    ('read notes.txt, and if it has more than 3 lines append "long" to it', "a condition"),
    ("copy the newest file in logs to latest.log", "a choice of files"),
    ('write "x" to a.txt and tell the team', "no such command"),
]
