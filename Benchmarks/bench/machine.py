"""The machine that was measured on: read from the system, not typed in."""

import datetime
import os
import platform
import re
import subprocess

from .paths import ENVIRONMENT, PEERS


def lines(subjects):
    yield f"Measured on {datetime.date.today():%d %B %Y} on {name()}."
    yield "Versions: " + ", ".join(versions(subjects).values()) + "."


def name():
    return f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {_system()}"


def versions(subjects):
    """The versions of the programs that are installed, by name."""
    found = {
        "Swift": _first_line("swift", "--version", pattern=r"Swift version [\d.]+"),
        "libcurl": "libcurl " + _first_line("pkg-config", "--modversion", "libcurl"),
        "glibc": "glibc " + _first_line("getconf", "GNU_LIBC_VERSION").split()[-1],
        "OpenSSL": _first_line("openssl", "version", pattern=r"OpenSSL [\d.]+"),
        "valgrind": _first_line("valgrind", "--version"),
        "Node": "Node " + _first_line("node", "--version"),
        "Python": "Python " + platform.python_version(),
    }
    for subject in subjects:
        requirements = PEERS / subject.folder.name / "requirements.txt"
        if requirements.exists():
            # The peer itself; the other packages are its dependencies. Two subjects can be the same peer.
            main = re.search(r"^(requests|litellm|ferrogw|rolter)==(\S+)", requirements.read_text(), re.MULTILINE)
            found[main[1]] = f"{main[1]} {main[2]}"
    return {name: version for name, version in found.items() if version.split()[-1:] != ["missing"]}


def _first_line(*command, pattern=".*"):
    try:
        output = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT).stdout
    except OSError:
        return "missing"
    match = re.search(pattern, output)
    return match.group().strip() if match else "missing"


def _processor():
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory():
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _system():
    with open("/etc/os-release") as lines:
        name = next(line.split("=")[1].strip().strip('"') for line in lines if line.startswith("PRETTY_NAME"))
    return f"{name}, Linux {platform.release()}"
