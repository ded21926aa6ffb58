"""The sizes of what is shipped."""

import dataclasses
import os
import re
import subprocess

from .paths import FLOOR, OWN_FLOOR, ROOT
from .progress import say


@dataclasses.dataclass(frozen=True)
class Size:
    name: str
    bytes: int
    what: str
    libraries: int | None  # shared ones that the loader maps; None: the subject has no program of its own


def rows(subjects):
    for subject in subjects:
        if not subject.size:
            continue
        programs = [path for path in subject.size if _is_program(path)]
        what = "stripped" if programs == [*subject.size] else f"{len(subject.size)} files and folders"
        libraries = max((_libraries(path) for path in programs), default=None)
        yield Size(subject.name, sum(_size(path) for path in subject.size), what, libraries)


def _is_program(path):
    """Whether it is machine code. The modules of a Python package don't count."""
    if path.is_dir() or ".so" in path.suffixes:
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _libraries(path):
    """How many libraries the loader maps, including itself, but not what the kernel maps."""
    output = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    return sum("(0x" in line and "linux-vdso" not in line for line in output.splitlines())


def _size(path):
    if path in (FLOOR, OWN_FLOOR):
        stripped = path.with_suffix(".stripped")
        subprocess.run(["strip", "-o", stripped, path], check=True)
        path = stripped
    if path.is_dir():
        return sum(part.lstat().st_size for part in path.rglob("*"))
    return path.stat().st_size


def image():
    """The size of the image's layers on top of its base, as the image builder reports it, or why it isn't known."""
    tool = os.environ.get("CONTAINER_BUILD")
    if not tool:
        return "Image layers: skipped, CONTAINER_BUILD does not name a command that builds an image without a daemon."
    say("building the image")
    built = subprocess.run([tool, ROOT, "-n", "openai-proxy-bench"], capture_output=True, text=True)
    if built.returncode:
        say(f"the image could not be built:\n{built.stdout}{built.stderr}")
        return "Image layers: not measured, the image could not be built."
    command = [tool, "size", "openai-proxy-bench"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    layers = re.search(r"own layers ([\d.]+ MB) over (\S+)", output)
    packed = re.search(r"gzipped[^:]*: ([\d.]+ MB)", output)
    return f"Image layers over {layers[2]}: {layers[1]}, {packed[1]} as a registry stores them."
