"""How much has to be shipped."""

import os
import re
import subprocess

from .paths import FLOOR, PROXY, ROOT
from .progress import say


def rows(subjects):
    for subject in subjects:
        if not subject.size:
            continue
        what = "stripped" if subject.size in ((PROXY,), (FLOOR,)) else f"{len(subject.size)} files and folders"
        yield subject.name, sum(_size(path) for path in subject.size), what


def _size(path):
    if path == FLOOR:
        stripped = path.with_suffix(".stripped")
        subprocess.run(["strip", "-o", stripped, path], check=True)
        path = stripped
    if path.is_dir():
        return sum(part.lstat().st_size for part in path.rglob("*"))
    return path.stat().st_size


def image():
    """The image's layers over its base, as the builder of images says it; or why it can't be said."""
    tool = os.environ.get("CONTAINER_BUILD")
    if not tool:
        return "Image layers: skipped, CONTAINER_BUILD does not name a command that builds an image without a daemon."
    say("building the image")
    subprocess.run([tool, ROOT, "-n", "openai-proxy-bench"], check=True, capture_output=True)
    command = [tool, "size", "openai-proxy-bench"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    layers = re.search(r"own layers ([\d.]+ MB) over (\S+)", output)
    packed = re.search(r"gzipped[^:]*: ([\d.]+ MB)", output)
    return f"Image layers over {layers[2]}: {layers[1]}, {packed[1]} as a registry stores them."
