"""The words of the command language: data only, so that a synonym is one word more."""

from enum import StrEnum


class Verb(StrEnum):
    LIST = "list"
    READ = "read"
    ASK = "ask"
    COUNT = "count"
    WRITE = "write"
    APPEND = "append"
    COPY = "copy"
    SEARCH = "search"
    REMEMBER = "remember"
    RECALL = "recall"
    RUN = "run"
    UNSUPPORTED = "unsupported"


class Metric(StrEnum):
    WORDS = "words"
    LINES = "lines"
    CHARACTERS = "characters"
    BYTES = "bytes"
    PARAGRAPHS = "paragraphs"
    ENTRIES = "entries"
    OCCURRENCES = "occurrences"


_PHRASES: dict[Verb, str] = {
    Verb.LIST: "list, list out, ls, dir, enumerate, itemise, itemize",
    Verb.READ: (
        "read, read out, read in, read through, read over, look over, look through, "
        "open, open up, cat, view, load, inspect, examine, look at, "
        "look inside, look into, have a look at, take a look at, have a look inside, go through, "
        "peek at, peek into, pull up, take, grab, retrieve, check out, study, go over, consult"
    ),
    Verb.ASK: (
        "show, display, print, tell, give, report, say, let me know, know, see, check, what, "
        "what's, whats, which, how, compute, calculate, determine, work out, figure out, "
        "find out, measure, get, fetch, obtain, state, provide, return, establish, identify, "
        "look up, discover, ascertain, present"
    ),
    Verb.COUNT: "count, count up, tally, tally up, total, total up, add up, count out",
    Verb.WRITE: (
        "write, write down, write out, save, save off, store, put, put down, place, record, "
        "output, dump, jot, jot down, note, note down, take down, set down, create, make, "
        "produce, generate, leave, enter, drop, paste, export, log, persist, overwrite, fill, "
        "populate, update, deposit, stick, emit, capture, send, pipe, redirect, touch, keep, "
        "file, stash, insert"
    ),
    Verb.APPEND: "append, add, tack on, add on",
    Verb.COPY: "copy, duplicate, back up, backup, clone",
    Verb.SEARCH: (
        "search, search for, search through, find, grep, rg, look for, hunt for, locate, seek, "
        "scan, where, where's"
    ),
    Verb.REMEMBER: (
        "remember, memorise, memorize, keep in mind, bear in mind, make a note, make a note of, "
        "note that, note for later, remember for later, take note, take note of, don't forget, do not forget, commit to memory, "
        "commit this to memory, commit the following to memory, keep this in mind, "
        "bear this in mind, make a mental note, make a mental note of"
    ),
    Verb.RECALL: (
        "recall, what do you remember, what do you know, what do you recall, do you remember, "
        "do you recall, do you know, what did i tell you, what did i say, what have i told you, "
        "remind me, search your memory, search memory, search the memory, look in your memory, "
        "search your memories, what you know, what you remember, what you recall, "
        "everything you know, everything you remember, anything you know, what i told you, "
        "is there anything in your memory, is there anything in memory, what is in your memory, "
        "what's in your memory, check your memory"
    ),
    Verb.RUN: "run, execute, invoke, launch, shell, bash, run the command, execute the command",
    Verb.UNSUPPORTED: (
        "summarise, summarize, translate, explain, refactor, fix, rewrite, improve, delete, "
        "remove, erase, rename, move, download, browse, email, mail, compile, build, deploy, "
        "install, analyse, analyze, compare, sort, replace, edit, change, draw, plot, convert, "
        "describe, review, implement, design, plan, invent, compose, draft, paraphrase, correct, "
        "format, parse, extract, merge, split, join, reverse, multiply, divide, subtract, "
        "schedule, wait, stop, call, ask, think, imagine, suggest, recommend, classify, "
        "uppercase, lowercase, capitalise, capitalize, encrypt, decrypt, zip, unzip, rank, "
        "evaluate, test, debug, optimise, optimize, shorten, expand, outline, proofread, "
        "mv, rm, mkdir, chmod, curl, wget, sum up, why, who, when, discard, destroy, wipe, "
        "clear, truncate, filter, group, upload, publish, post, buy, order, book, solve, prove"
    ),
}


def _phrases() -> dict[tuple[str, ...], Verb]:
    return {
        tuple(phrase.strip().split()): verb
        for verb, phrases in _PHRASES.items()
        for phrase in phrases.split(",")
    }


_NO_GERUND = frozenset(("what", "which", "how", "what's", "whats", "where", "where's"))


def _gerund(word: str) -> str:
    if word.endswith("e") and not word.endswith("ee"):
        return word[:-1] + "ing"
    if word in ("put", "get", "run", "drop", "grab", "log", "stop", "plan", "split", "scan", "cat"):
        return word + word[-1] + "ing"
    return word + "ing"


def _with_gerunds(phrases: dict[tuple[str, ...], Verb]) -> dict[tuple[str, ...], Verb]:
    gerunds = {
        (_gerund(phrase[0]), *phrase[1:]): verb
        for phrase, verb in phrases.items()
        if phrase[0] not in _NO_GERUND
    }
    return gerunds | phrases


VERBS = _with_gerunds(_phrases())
LONGEST_VERB = max(len(phrase) for phrase in VERBS)

# A passive that says where something goes: "… written to count.txt", "… should go into count.txt".
PARTICIPLES = frozenset(
    (
        *("written", "saved", "stored", "put", "placed", "recorded", "noted", "dumped"),
        *("logged", "kept", "left", "go", "goes", "land", "lands", "belongs", "belong"),
        *("entered", "copied", "exported", "output", "inserted", "end", "ends"),
    )
)
# "notes.txt should contain …", "count.txt with …"
HOLDERS = frozenset(
    (
        *("with", "containing", "contain", "contains", "holding", "hold", "holds", "saying"),
        *("says", "say", "having", "reading", "including", "whose", "from"),
    )
)

# Words that a verb may follow inside a sentence: "I want you TO read", "could YOU open".
PERMITS = frozenset(
    (
        *("to", "you", "please", "should", "must", "let's", "lets", "just", "kindly", "and"),
        *("then", "also", "by", "ahead", "shall", "will", "would", "could", "can", "me", "us"),
        *("after", "now", "mind", "finally", "next", ",", ":", "\n", "-", "(", "simply"),
    )
)
FILLERS = frozenset(
    (
        *("please", "kindly", "now", "just", "also", "so", "ok", "okay", "well", "could", "can"),
        *("would", "will", "you", "first", "firstly", "second", "secondly", "third", "thirdly"),
        *("fourth", "then", "next", "finally", "lastly", "last", "afterwards", "afterward"),
        *("subsequently", "and", "let's", "lets", "let", "us", "go", "ahead", "simply", "quickly"),
        *("carefully", "hey", "hi", "hello", "nova", "pls", "plz", "thx", "ty", "after", "that"),
        *("once",),
        *("have", "you've", "having", "done", "begin", "start", "by", "step", "task", "try"),
        *("to", "help", "me", "i'd", "like", "want", "need", "i", "we", "must", "should", "your"),
        *("mind",),
        *("job", "is", "the", "again", "too", "immediately", "but", "or", "plus", "do", "may"),
        *("following", "steps", "things", "instructions", "kind", "be", "so", "good", "as", "if"),
        *("possible", "great", "thanks", "cheers", "dear"),
    )
)
SOFT_SEPARATORS = frozenset(
    (",", "\n", "and", "then", "&", "plus", "but", ":", "(", ")", "—", "\u2013", "-", "or")
) | {"afterwards"}
HARD_SEPARATORS = frozenset((".", "!", "?", ";", "…"))

# How a sentence begins that tells something rather than asks for an unknown deed.
STATEMENT_STARTS = frozenset(
    (
        *("i", "i'm", "i've", "i'd", "there", "there's", "here", "here's", "we", "my", "the"),
        *("a", "an", "this", "that", "it", "it's", "its", "hello", "hi", "hey", "thanks", "thank"),
        *("please", "in", "inside", "as", "because", "since", "for", "given", "with", "using"),
        *("use", "from", "file", "note", "nova", "good", "you", "your", "these", "those", "dear"),
        *("when", "on", "at", "within", "based", "about", "regarding", "all", "some", "once"),
        *("goal", "task", "request", "step", "ok", "okay", "well", "our", "no", "only", "work"),
    )
)

STRONG_PREPOSITIONS = frozenset(("to", "into", "onto", "as", ">", "called", "named"))
WEAK_PREPOSITIONS = frozenset(("in", "inside", "within", "at", "on", "under"))
SOURCE_PREPOSITIONS = frozenset(
    ("in", "of", "from", "inside", "within", "on", "for", "under", "across", "among")
)
DETERMINERS = frozenset(
    ("the", "a", "an", "this", "that", "my", "our", "your", "its", "their", "new", "same", "it's")
)
FILE_NOUNS = frozenset(("file", "document", "textfile"))
FOLDER_NOUNS = frozenset(("folder", "directory", "dir", "subfolder", "subdirectory"))
FILE_ADJECTIVES = frozenset(
    (
        *("text", "new", "empty", "blank", "output", "input", "same", "second", "first", "other"),
        *("plain", "whole", "entire", "source", "target", "separate", "fresh", "single", "result"),
        *("following", "current", "any", "each", "every", "local", "given", "brand", "another"),
        *("one", "small", "markdown", "log", "root", "main", "parent", "working", "workspace"),
        *("project", "complete", "full", "data"),
    )
)
PLAIN_FILE_NAMES = frozenset(
    ("readme", "makefile", "dockerfile", "license", "changelog", "procfile", "gemfile", "notice")
)
HERE = frozenset(
    (
        *("workspace", "project", "repository", "repo", "codebase", "here", "everything", "root"),
        *("code", "tree", "workdir", "sandbox", "everywhere"),
    )
)
PRONOUNS = frozenset(
    (
        *("it", "that", "this", "them", "those", "these", "result", "results", "output", "answer"),
        *("number", "count", "total", "matches", "match", "names", "name", "list", "listing"),
        *("findings", "value", "figure", "same", "everything", "all", "hits", "counts", "numbers"),
        *("many", "outcome", "sum", "found", "data", "one", "response", "totals", "memory"),
        *("memories",),
    )
)
CONTENT_NOUNS = frozenset(("content", "contents", "text", "body"))
LIST_NOUNS = frozenset(
    (
        *("files", "filenames", "folders", "directories", "entries", "listing", "documents"),
        *("file-list", "filelist", "items"),
    )
)
METRIC_NOUNS = {
    **dict.fromkeys(("word", "words", "wordcount", "word-count", "wc"), Metric.WORDS),
    **dict.fromkeys(("line", "lines", "linecount", "line-count", "rows"), Metric.LINES),
    **dict.fromkeys(
        ("character", "characters", "char", "chars", "letters", "symbols"), Metric.CHARACTERS
    ),
    **dict.fromkeys(("byte", "bytes"), Metric.BYTES),
    **dict.fromkeys(("paragraph", "paragraphs"), Metric.PARAGRAPHS),
}
METRIC_CUES = frozenset(
    (
        *("count", "counts", "number", "numbers", "many", "total", "totals", "tally", "amount"),
        *("length", "long", "quantity", "sum", "wordcount", "word-count", "linecount", "wc"),
        *("line-count", "counting", "counted", "numbered", "size", "#", "big", "large", "often"),
    )
)
LITERAL_LABELS = frozenset(
    (
        *("the", "a", "this", "following", "word", "words", "text", "line", "sentence", "string"),
        *("phrase", "message", "value", "number", "content", "contents", "note", "letters"),
        *("only", "just", "exactly", "literal", "one", "single", "paragraph", "query", "term"),
    )
)
GENERATIVE_STARTS = frozenset(
    (
        *("a", "an", "some", "the", "my", "your", "its", "their", "about", "another"),
        *("something", "all", "what", "whatever", "why", "whether", "which", "who"),
    )
)
