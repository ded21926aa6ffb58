"""The image's build context: SwiftPM refuses a manifest if the folder of any target is missing."""

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
    """Whether a pattern matches the path, or a folder that contains it."""
    parts = path.split("/")
    folders = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(fnmatch.fnmatchcase(part, pattern) for part in folders for pattern in SENT)


def test_the_build_context_has_the_folder_of_each_target():
    manifest = subprocess.run(["swift", "package", "dump-package"], cwd=programs.ROOT, capture_output=True, check=True)
    folders = [folder(target) for target in json.loads(manifest.stdout)["targets"]]
    assert len(folders) > 10
    assert [path for path in folders if not is_sent(path)] == []
