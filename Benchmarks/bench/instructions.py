"""Counts instructions with callgrind, in lock step: this is repeatable, however busy the machine is."""

import collections
import re
import subprocess

from . import tokens
from .measure import harness
from .paths import BUILD, ENVIRONMENT

# The harness's arguments, how many invocations the count is divided by, and the log level: at INFO each request writes
# its record, at WARN successful ones don't. All of them include a start.
SCENARIOS = {
    "start": ([], 1, "WARN"),
    "stream of 100 chunks": (["--chunks", "100"], 20, "WARN"),
    "stream of 100 chunks with its record": (["--chunks", "100"], 20, "INFO"),
    "plain answer of 2 KB": (["--plain"], 50, "WARN"),
    "prompt of 1 MB": (["--plain", "--prompt-bytes", "1000000"], 5, "WARN"),
}
# The share of a streamed request's instructions that its record may take: about 3 %. It is the difference of two counts
# that vary by up to 0.6 % from build to build.
RECORD = ("stream of 100 chunks with its record", "stream of 100 chunks")
MOST_RECORD = 0.045
# The same with the cache in memory, which has the answers or not.
MISS = "stream of 100 chunks, not in the cache"
CACHED = {
    "start with the cache": ([], 1, "WARN"),
    MISS: (["--chunks", "100", "--distinct"], 20, "WARN"),
    "stream of 100 chunks from the cache": (["--chunks", "100"], 20, "WARN"),
    "plain answer of 2 KB from the cache": (["--plain"], 50, "WARN"),
}
# The goal: how many times as many instructions a stream needs if it isn't in the cache, where it is stored.
MOST_MISS = 1.05
# How many times as many instructions a stream from Bedrock may need as one that is only relayed.
BEDROCK = ("stream of 100 events from Bedrock", "stream of 100 chunks")
MOST_BEDROCK = 3
# A caller with a token of 1 KB that the proxy has verified before, and how many more instructions it may need than one
# with a key. It is 52,000, and once in a while 18,000 more: 29,000 for SHA-256, which took 2.6 µs, and 16,000 in which
# swift-http-types checks the bytes of the header field.
USER = "plain answer of 2 KB, for a user"
USERS = {USER: (["--plain"], 50, "WARN")}
MOST_TOKEN = 80_000
# A prompt of 6 MB, the largest event that Lambda accepts, and the most expensive bodies to read: as many bytes, less
# what escaping adds to the event. check.py says how many prompts the most expensive one may cost.
PLAIN = ["--plain", "--prompt-bytes", "6000000"]
DEAR = {
    "escapedNames": 6_000_000,
    "longNames": 6_000_000,
    "longEscapes": 5_000_000,
    "fallbacks": 6_000_000,
    "files": 6_000_000,
    "switches": 6_000_000,
    "noTools": 6_000_000,
    "otherOptions": 6_000_000,
    "model": 6_000_000,
    "marks": 6_000_000,
    "spaces": 4_000_000,
    "escapes": 3_000_000,
}
TO_END = 300  # seconds


def count(subject):
    """The instructions of a start, and of one invocation of each other scenario."""
    start = _total(subject, "start", 0)
    return {name: start if name == "start" else _each(subject, name, start) for name in SCENARIOS}


def count_bedrock(subject):
    """The instructions of one invocation whose stream comes from Bedrock. The subject has Bedrock as its provider."""
    name, relayed = BEDROCK
    return {name: _each(subject, relayed, _total(subject, "start", 0))}


def count_cached(subject):
    """The instructions of a start with the cache, and of one invocation whose answer isn't in it, or is."""
    start = _total(subject, "start with the cache", 0)
    return {name: start if name == "start with the cache" else _each_cached(subject, name, start) for name in CACHED}


def count_users(subject):
    """The instructions of one invocation for a user whose token has been seen before."""
    return {USER: _repeated(subject, ["--key", tokens.of_a_user()])}


def token_cost(counts, subject):
    """How many more instructions a token needs than a key. The subject knows the key."""
    return counts[USER] - _repeated(subject)


def _repeated(subject, more=()):
    """The instructions of one plain answer, without those of the first one of a process."""
    invocations = USERS[USER][1]
    first = _total(subject, USER, 1, more)
    return (_total(subject, USER, 1 + invocations, more) - first) // invocations


def miss_ratio(counts):
    """How many times the instructions of a stream without a cache one needs that isn't in the cache."""
    return counts[MISS] / counts["stream of 100 chunks"]


def bedrock_ratio(counts):
    """How many times the instructions of a relayed stream a stream from Bedrock needs."""
    translated, relayed = (counts[name] for name in BEDROCK)
    return translated / relayed


def record_share(counts):
    """The part of a request's instructions that its record adds."""
    with_record, without = (counts[name] for name in RECORD)
    return with_record / without - 1


def dear(subject):
    """The bodies of 6 MB, by how many times the instructions of a plain prompt they need, the largest first."""
    start = _total(subject, "start", 0)
    plain = _run(subject, "plain of 6 MB", PLAIN, 1, "WARN") - start
    ratios = {}
    for form, size in DEAR.items():
        arguments = ["--plain", "--prompt-bytes", str(size), "--body-form", form]
        ratios[form] = (_run(subject, form, arguments, 1, "WARN") - start) / plain
    return sorted(ratios.items(), key=lambda pair: -pair[1])


def profile(subject, scenario, functions=15):
    """Where the instructions of one invocation went in the last count: share, function, library."""
    invocations = SCENARIOS[scenario][1]
    start = _by_function(subject, "start")
    spent = {key: (n - start.get(key, 0)) // invocations for key, n in _by_function(subject, scenario).items()}
    total = sum(spent.values())
    largest = sorted(spent, key=spent.get, reverse=True)[:functions]
    names = _demangled([function for function, _ in largest])
    return [
        (f"{spent[function, library] / total:.1%}", f"`{name[:90]}`", library)
        for (function, library), name in zip(largest, names, strict=True)
    ]


def _by_function(subject, scenario):
    command = ["callgrind_annotate", "--threshold=100", _file(subject, scenario)]
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout
    found = collections.Counter()
    row = r"^ *([\d,]+) \([^)]*\) +[^:]*:(\S.*?)(?: \[([^]]*)])?$"
    # The table's header looks like a row, so the text up to it is dropped.
    for count, function, library in re.findall(row, text.partition("file:function")[2], re.MULTILINE):
        # Debian's libcurl has no symbol names, so its functions are added up.
        name = "(all of it)" if function.startswith("0x") else function
        found[name, library.rsplit("/", 1)[-1]] += int(count.replace(",", ""))
    return found


def _demangled(names):
    text = "\n".join(names)
    command = ["swift", "demangle", "--simplified", "--compact"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def _each(subject, name, start):
    """The instructions of one invocation, without those of the start."""
    invocations = (SCENARIOS | CACHED)[name][1]
    return (_total(subject, name, invocations) - start) // invocations


def _each_cached(subject, name, start):
    """The same, without the first answer if the cache has those after it."""
    if name == MISS:
        return _each(subject, name, start)
    invocations = CACHED[name][1]
    first = _total(subject, name, 1)
    return (_total(subject, name, 1 + invocations) - first) // invocations


def _total(subject, name, invocations, more=()):
    arguments, _, level = (SCENARIOS | CACHED | USERS)[name]
    return _run(subject, name, [*arguments, *more], invocations, level)


def _run(subject, name, arguments, invocations, level):
    file = _file(subject, name)
    valgrind = (
        "/usr/bin/env",
        f"AWS_LAMBDA_LOG_LEVEL={level}",
        "valgrind",
        "--quiet",
        "--tool=callgrind",
        f"--callgrind-out-file={file}",
    )
    counted = ["work", "--lock-step", "--end-gently", "--warm-up", "0", "--invocations", str(invocations), *arguments]
    _, fault = harness(subject, counted, valgrind, TO_END)
    if fault:
        raise SystemExit(f"callgrind, {name}: {fault}")
    totals = re.findall(r"^(?:summary|totals): (\d+)", file.read_text(), re.MULTILINE)
    return int(totals[-1])


def _file(subject, scenario):
    return BUILD / f"callgrind-{subject.name}-{scenario}".replace(" ", "-").replace(",", "")
