"""A third table, in yet other words."""

from tests.unit.llm_gateway.offline.unforeseen_cases import WORKSPACE, Case

CASES = [
    Case(
        "I'd appreciate it if you could write the number of lines in todo.md to out.txt",
        files={"out.txt": "3"},
    ),
    Case(
        "Figure out the word count for README.md, then place it inside counts/readme.txt",
        files={"counts/readme.txt": "5"},
    ),
    Case(
        "Store in summary.txt how many characters config.yaml contains", files={"summary.txt": "23"}
    ),
    Case(
        "Open todo.md. How many lines has it got? Note that number in todo-lines.txt.",
        files={"todo-lines.txt": "3"},
    ),
    Case("list all files under src and tell me how many there are", says=("2",)),
    Case(
        'Kindly produce a file named hello.md whose content is "# Hello"',
        files={"hello.md": "# Hello"},
    ),
    Case(
        'append a new line "- test restore" to todo.md, then show me the file',
        files={"todo.md": WORKSPACE["todo.md"] + "- test restore\n"},
        says=("- test restore",),
    ),
    Case(
        "Search for 'error' in the logs folder and tell me how many matches there were", says=("2",)
    ),
    Case(
        "find TODO inside src, save what was found as found.txt",
        files={"found.txt": "src/app.py:2: # TODO: handle failures"},
    ),
    Case(
        "Copy README.md to README.bak and config.yaml to config.bak",
        files={"README.bak": WORKSPACE["README.md"], "config.bak": WORKSPACE["config.yaml"]},
    ),
    Case(
        "What do notes.txt and config.yaml contain?",
        calls=("read_file notes.txt", "read_file config.yaml"),
    ),
    Case("is there anything in your memory about the router?", calls=("recall router",)),
    Case(
        "Commit this to memory: VLAN 20 is for cameras", calls=("remember VLAN 20 is for cameras",)
    ),
    Case('Please execute "echo ok" and write what it prints to ok.txt', files={"ok.txt": "ok\n…"}),
    Case("run `echo one`, then run `echo two`", calls=("run_shell echo one", "run_shell echo two")),
    Case('Get me the number of words in "my notes.txt"', says=("2",)),
    Case(
        "Write the line count of src/app.py into a new file at stats/app.txt",
        files={"stats/app.txt": "3"},
    ),
    Case(
        "Please read through todo.md and count the lines, saving the count to c.txt",
        files={"c.txt": "3"},
    ),
    Case(
        '1. Create a.txt containing "x y z".\n2. Count its words.\n3. Append the count to a.txt.',
        files={"a.txt": "x y z\n3\n"},
    ),
    Case("notes.txt: word count, please", says=("9",)),
    Case('the text "ready" goes in flag.txt', files={"flag.txt": "ready"}),
    Case('add "eggs" and "milk" to shopping.txt', files={"shopping.txt": "eggs\nmilk\n"}),
    Case(
        "Could you check how many times error appears in logs/2024-05-01.log and put the figure in errs.txt?",
        files={"errs.txt": "2"},
    ),
    Case("Write hello to one.txt and bye to two.txt", files={"one.txt": "hello", "two.txt": "bye"}),
    Case("how many lines and how many words does todo.md have?", says=("3 lines and 10 words",)),
]

REFUSED = [
    ("make notes.txt shorter", "judgement"),
    ('write "x" to a.txt and b.txt', "two files for one text"),
    ("Show the first file: notes.txt", "an ordinal may mean a choice"),
    ("read notes.txt and reply to Bob", "no such command"),
    ("write the longest word of notes.txt to w.txt", "a choice of words"),
    ("count the words in notes.txt, ignoring stop words", "a choice of words"),
    ('write "x" to a.txt and b.txt, but only if they exist', "a condition"),
    ("translate the result of counting notes.txt", "judgement"),
    ("open the garage door", "no such command"),
    ("write the current date to date.txt", "would have to be made up"),
    ("append the average of the line counts of notes.txt and todo.md to avg.txt", "arithmetic"),
    ("read the first three lines of notes.txt", "a choice of lines"),
    ("write notes.txt in upper case to up.txt", "judgement"),
    ("turn off the lights and read notes.txt", "no such command"),
    ("copy notes.txt to a.txt without the first line", "a choice of lines"),
]
