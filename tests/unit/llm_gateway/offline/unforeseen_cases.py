"""Requests as people type them, written from the documentation alone, and what must come of them."""

from dataclasses import dataclass, field

WORKSPACE = {
    "notes.txt": "The quick brown fox\njumps over the lazy dog\n",
    "todo.md": "- buy disks\n- fix router\n- call TODO list\n",
    "README.md": "# Homelab\n\nServices on atlas.\n",
    "config.yaml": "port: 8080\nhost: atlas\n",
    "my notes.txt": "alpha beta\n",
    "Übersicht.txt": "eins zwei drei\n",
    "src/app.py": "import os\n# TODO: handle failures\nprint(os.getcwd())\n",
    "src/db.py": "# nothing here\nx = 1\n",
    "logs/2024-05-01.log": "boot ok\ndisk error\nnet error\n",
}


@dataclass(frozen=True, slots=True)
class Case:
    """`files`: what is new or changed afterwards (`…` at the end: it begins so).

    `calls`: the tools called, in this order, with their main argument; None: whichever they are.
    `says`: what the answer holds.
    """

    request: str
    files: dict[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] | None = None
    says: tuple[str, ...] = ()


def _reads(request: str, *paths: str) -> Case:
    calls = tuple(f"read_file {path}" for path in paths)
    return Case(request, calls=calls, says=tuple(WORKSPACE[path].strip() for path in paths))


def _tells(request: str, *counts: int) -> Case:
    return Case(request, says=tuple(str(count) for count in counts))


def _writes(request: str, path: str, content: str) -> Case:
    return Case(request, files={path: content})


def _calls(request: str, *calls: str, says: tuple[str, ...] = ()) -> Case:
    return Case(request, calls=calls, says=says)


_NOTES = WORKSPACE["notes.txt"]
_LOG = "logs/2024-05-01.log"
_SRC_LIST = "app.py\ndb.py"

READING = [
    _reads("can you show me what's in notes.txt?", "notes.txt"),
    _reads("cat config.yaml", "config.yaml"),
    _reads("Please display the contents of src/app.py", "src/app.py"),
    _reads("print README.md pls", "README.md"),
    _reads("open logs/2024-05-01.log and tell me what it says", _LOG),
    _reads("I'd like to see config.yaml", "config.yaml"),
    _reads("Could you kindly read me the file called notes.txt, thanks!", "notes.txt"),
    _reads("What is written in Übersicht.txt?", "Übersicht.txt"),
    _reads('show me "my notes.txt"', "my notes.txt"),
    _reads("WHAT DOES README.md SAY?", "README.md"),
    _reads("let me see the contents of src/db.py", "src/db.py"),
    _reads("read config.yaml and README.md", "config.yaml", "README.md"),
    Case("give me the content of ./notes.txt", says=(_NOTES.strip(),)),
    _reads("have a look at todo.md", "todo.md"),
]

COUNTING = [
    _tells("how long is notes.txt in lines?", 2),
    _tells("How many words are there in notes.txt", 9),
    _tells("word count of README.md please", 5),
    _tells("count the lines and the words of todo.md", 3, 10),
    _tells("what's the number of characters in notes.txt?", 44),
    _tells("tell me how many bytes config.yaml has", 23),
    _tells("how big is notes.txt in bytes?", 44),
    _tells("number of lines in src/app.py and src/db.py", 3, 2),
    _tells("how many files are in src?", 2),
    _tells("In todo.md, how many lines are there?", 3),
    _tells("how many times does the word error occur in logs/2024-05-01.log?", 2),
    _tells('count how often "error" shows up in logs/2024-05-01.log', 2),
    _tells("how many lines do notes.txt and todo.md have in total?", 5),
    _tells("plese count the words in notes.txt", 9),
    _tells("Read src/app.py; how many lines does that have?", 3),
]

WRITING = [
    _writes('write "hello world" to hello.txt', "hello.txt", "hello world"),
    _writes('create a file named build-info.txt containing "v1.2.3"', "build-info.txt", "v1.2.3"),
    _writes('Put the text "deploy at 9" into plans/deploy.txt.', "plans/deploy.txt", "deploy at 9"),
    _writes(
        'save "port 8080 is taken" in a new file called ports.md', "ports.md", "port 8080 is taken"
    ),
    _writes("into greeting.txt write hi there", "greeting.txt", "hi there"),
    _writes("make a new file x.txt with the content 42", "x.txt", "42"),
    _writes('In notes/today.md, write "all good".', "notes/today.md", "all good"),
    _writes('"pong" should be written to ping.txt', "ping.txt", "pong"),
    _writes('I need a file status.txt that says "green"', "status.txt", "green"),
    _writes(
        "Write this to motd.txt:\n```\nWelcome\nto atlas\n```", "motd.txt", "Welcome\nto atlas\n"
    ),
    _writes("create an empty file called .gitkeep", ".gitkeep", ""),
    _writes('overwrite config.yaml with "port: 9090"', "config.yaml", "port: 9090"),
    _writes("Write the following to Motd.TXT: Welcome to atlas", "Motd.TXT", "Welcome to atlas"),
    _writes("Write “ready” to state.txt", "state.txt", "ready"),
    _writes('append "- buy cables" to todo.md', "todo.md", WORKSPACE["todo.md"] + "- buy cables\n"),
    _writes(
        'add the line "reboot done" to the end of logs/2024-05-01.log',
        _LOG,
        WORKSPACE[_LOG] + "reboot done\n",
    ),
    _writes(
        'add "- call Bob" to todo.md as a new line',
        "todo.md",
        WORKSPACE["todo.md"] + "- call Bob\n",
    ),
    _writes('Please also put "bye" at the bottom of notes.txt', "notes.txt", _NOTES + "bye\n"),
    _writes("add one more line to notes.txt: see you", "notes.txt", _NOTES + "see you\n"),
    _writes("copy config.yaml to config.yaml.bak", "config.yaml.bak", WORKSPACE["config.yaml"]),
    _writes(
        "duplicate README.md as docs/README-copy.md", "docs/README-copy.md", WORKSPACE["README.md"]
    ),
    _writes("back up notes.txt to backup/notes.txt", "backup/notes.txt", _NOTES),
    _writes("the contents of notes.txt go into copy.txt", "copy.txt", _NOTES),
    _writes("copy notes.txt into the folder backup", "backup/notes.txt", _NOTES),
]

CHAINS = [
    _writes("into count.txt write the number of words of notes.txt", "count.txt", "9"),
    _writes("write the number of words of notes.txt into count.txt", "count.txt", "9"),
    _writes("Read notes.txt, count the words, and save the number in count.txt", "count.txt", "9"),
    _writes(
        "Count the lines of todo.md, afterwards write the result to lines.txt.", "lines.txt", "3"
    ),
    _tells("read notes.txt followed by counting its words", 9),
    _writes(
        "please make sure to write the line count of README.md to stats/lines.txt",
        "stats/lines.txt",
        "3",
    ),
    _calls(
        "First list the files in src. After that, read src/app.py. "
        "Finally tell me how many lines it has.",
        "list_dir src",
        "read_file src/app.py",
        says=("3",),
    ),
    _writes("1) read config.yaml\n2) count its lines\n3) store the number in n.txt", "n.txt", "2"),
    _writes(
        "- read todo.md\n- count the words\n- append the number to notes.txt",
        "notes.txt",
        _NOTES + "10\n",
    ),
    _writes(
        "search src for TODO and put the results into todos.txt",
        "todos.txt",
        "src/app.py:2: # TODO: handle failures",
    ),
    _writes("list the files in src and save the list as src-files.txt", "src-files.txt", _SRC_LIST),
    _tells("read notes.txt as well as todo.md, and count the words of both", 9, 10),
    _writes(
        "Take the contents of README.md and write them to README.copy",
        "README.copy",
        WORKSPACE["README.md"],
    ),
    _writes(
        "Once you have read notes.txt, write its number of words to count.txt", "count.txt", "9"
    ),
    _writes(
        "After reading notes.txt, write how many words it has into count.txt.", "count.txt", "9"
    ),
    _writes("The number of lines in notes.txt should be written to count.txt.", "count.txt", "2"),
    _writes(
        "Write both the word count and the line count of notes.txt to stats.txt",
        "stats.txt",
        "words: 9\nlines: 2",
    ),
    _writes(
        'Copy notes.txt to a.txt, then append "fin" to it, and show me the result',
        "a.txt",
        _NOTES + "fin\n",
    ),
    Case(
        'create hello.txt with the text "hi" and then read it back',
        files={"hello.txt": "hi"},
        calls=("write_file hello.txt", "read_file hello.txt"),
    ),
    Case(
        'Find all lines containing "error" in logs, write them to errors.txt '
        "and tell me how many there are",
        files={"errors.txt": f"{_LOG}:2: disk error\n{_LOG}:3: net error"},
        says=("2",),
    ),
    Case(
        "run `echo hi` and save its output to out.txt",
        files={"out.txt": "hi\n…"},
        calls=("run_shell echo hi", "write_file out.txt"),
    ),
    _calls("list src, and read the file app.py there", "list_dir src", "read_file src/app.py"),
    _writes("Write notes.txt's word count to count.txt", "count.txt", "9"),
    _writes("save notes.txt's number of lines as lines.txt", "lines.txt", "2"),
    Case(
        "Write 'hello' to 'my file.txt', then read it and count its words.",
        files={"my file.txt": "hello"},
        says=("1",),
    ),
]

LOOKING = [
    _calls("list everything in src", "list_dir src", says=("app.py", "db.py")),
    _calls("what's in the logs folder?", "list_dir logs"),
    _calls("which files does src contain?", "list_dir src"),
    _calls("show me the files of the workspace", "list_dir ."),
    _calls("list the markdown files", "list_dir .", says=("README.md", "todo.md")),
    _calls("where does the word TODO appear in src?", "search_codebase TODO"),
    _calls("grep error in logs", "search_codebase error"),
    _calls('look for "atlas" in all files', "search_codebase atlas"),
    _calls("which files mention atlas?", "search_codebase atlas"),
    _calls(
        "remember that the NAS has the address 10.0.0.5",
        "remember the NAS has the address 10.0.0.5",
    ),
    _calls("please note for later: backups run at 3am", "remember backups run at 3am"),
    _calls("keep in mind that Bob likes tea", "remember Bob likes tea"),
    _calls("what do you know about the NAS?", "recall NAS"),
    _calls("Do you recall anything about backups?", "recall backups"),
    _calls(
        "Read config.yaml and remember what it says",
        "read_file config.yaml",
        "remember " + WORKSPACE["config.yaml"].strip(),
    ),
    _calls("run the command ls -la src", "run_shell ls -la src"),
    _calls("execute `uname`, please", "run_shell uname"),
]

CASES = [*READING, *COUNTING, *WRITING, *CHAINS, *LOOKING]

# Each with the reason why nothing may be done.
REFUSED = [
    ("summarise notes.txt and write the summary to sum.txt", "judgement"),
    ("read notes.txt and fix the typos", "judgement"),
    ("translate notes.txt into German", "judgement"),
    ("if notes.txt has more than 5 words, write yes to a.txt", "a condition"),
    ("write a haiku to haiku.txt", "would have to be made up"),
    ("read notes.txt, then decide which line is best and write it to best.txt", "judgement"),
    ("delete notes.txt", "no such command"),
    ("rename notes.txt to n.txt", "no such command"),
    ("for every file in src write its line count to counts.txt", "a loop"),
    ("deploy the app to production", "no such command"),
    ("count the words in notes.txt and email them to bob@example.com", "no such command"),
    ("refactor src/app.py", "judgement"),
    ("read notes.txt unless it is empty", "a condition"),
    ("write the second line of notes.txt to b.txt", "a choice of lines"),
    ("count the vowels of notes.txt and write them to v.txt", "not a thing it counts"),
    ("don't read notes.txt", "a negation"),
    ("replace fox with cat in notes.txt", "no such command"),
    ("copy all the files in src to backup", "a loop"),
    ("what is 2 + 2?", "no such command"),
    ("write the number of words in notes.txt that start with a t to c.txt", "a choice of words"),
    ("Read notes.txt, then write its word count plus one to count.txt", "arithmetic"),
    ('tomorrow write "x" to a.txt', "a time"),
    ("read config.yaml and restart the server on that port", "no such command"),
]
