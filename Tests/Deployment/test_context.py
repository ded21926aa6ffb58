"""What the image is built from: SwiftPM refuses a manifest whose targets have no folder, whatever is to be built."""

import fnmatch
import json
import subprocess

import programs

IGNORED = (programs.ROOT / ".dockerignore").read_text().splitlines()
SENT = [line.removeprefix("!") for line in IGNORED if line.startswith("!")]


def folder(target):
    default = "Tests" if target["type"] == "test" else "Sources"
    return target.get("path") or f"{default}/{target['name']}"


def is_sent(path):
    """Whether a pattern takes the path, or a folder that it lies in."""
    parts = path.split("/")
    folders = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(fnmatch.fnmatchcase(part, pattern) for part in folders for pattern in SENT)


def test_each_targets_folder_is_sent_to_the_image():
    manifest = subprocess.run(["swift", "package", "dump-package"], cwd=programs.ROOT, capture_output=True, check=True)
    folders = [folder(target) for target in json.loads(manifest.stdout)["targets"]]
    assert len(folders) > 10
    assert [path for path in folders if not is_sent(path)] == []
