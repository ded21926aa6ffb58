"""Counts instructions with callgrind, in lock step: repeatable, however busy the machine is."""

import re
import subprocess

from .measure import harness
from .paths import BUILD, ENVIRONMENT

# The harness's arguments, and how many invocations the count is divided by. A start is what all have in common.
SCENARIOS = {
    "start": ([], 1),
    "stream of 100 chunks": (["--chunks", "100"], 20),
    "prompt of 1 MB": (["--plain", "--prompt-bytes", "1000000"], 5),
}
TO_END = 300  # seconds


def count(subject):
    """The instructions of a start, and of one invocation of each other scenario."""
    start = _total(subject, "start", SCENARIOS["start"][0], 0)
    counts = {"start": start}
    for name, (arguments, invocations) in SCENARIOS.items():
        if name != "start":
            counts[name] = (_total(subject, name, arguments, invocations) - start) // invocations
    return counts


def profile(subject, scenario, functions=15):
    """Where the instructions of a scenario went when it was counted last: share and function, the largest first."""
    command = ["callgrind_annotate", "--threshold=100", _file(subject, scenario)]
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout
    rows = re.findall(r"^\s*[\d,]+ \(\s*([\d.]+)%\)\s+\S*?:(\S.*?)(?: \[([^\]]*)\])?$", text, re.MULTILINE)
    return [(f"{share} %", function, library.rsplit("/", 1)[-1]) for share, function, library in rows[:functions]]


def _total(subject, name, arguments, invocations):
    file = _file(subject, name)
    valgrind = ("/usr/bin/env", "valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={file}")
    counted = ["work", "--lock-step", "--end-gently", "--warm-up", "0", "--invocations", str(invocations), *arguments]
    _, fault = harness(subject, counted, valgrind, TO_END)
    if fault:
        raise SystemExit(f"callgrind, {name}: {fault}")
    totals = re.findall(r"^(?:summary|totals): (\d+)", file.read_text(), re.MULTILINE)
    return int(totals[-1])


def _file(subject, scenario):
    return BUILD / f"callgrind-{subject.name}-{scenario}".replace(" ", "-").replace(",", "")
