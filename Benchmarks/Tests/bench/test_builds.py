"""Timing builds, with small programs in place of a build."""

import subprocess
import sys

import pytest
from bench import builds


def python(code):
    return [sys.executable, "-u", "-c", code]


def test_a_program_is_timed_to_its_end(tmp_path):
    wall, cpu = builds.timed(python("sum(range(10**6))"), tmp_path)
    assert wall > 0 and cpu > 0


def test_processor_time_includes_the_children(tmp_path):
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    _, cpu = builds.timed(["sh", "-c", f"'{sys.executable}' -c '{burn}'; true"], tmp_path)
    assert cpu >= 0.3


def test_a_program_is_stopped_when_it_prints_the_line(tmp_path):
    # Python handles a signal that arrives right before a sleep only after it, so it sleeps often.
    code = "import time\nprint('hello')\nprint('curl -N x')\nfor _ in range(600): time.sleep(1)"
    wall, _ = builds.timed(python(code), tmp_path, "curl -N ")
    assert wall < 60


def test_a_program_that_ends_without_the_line_is_an_error_with_its_last_output(tmp_path):
    with pytest.raises(SystemExit, match="no swift here"):
        builds.timed(python("print('no swift here')"), tmp_path, "curl -N ")


def test_a_program_that_fails_is_an_error_with_its_last_output(tmp_path):
    with pytest.raises(SystemExit, match="broken"):
        builds.timed(python("print('broken')\nraise SystemExit(1)"), tmp_path)


@pytest.fixture
def repository(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, "-C", tmp_path, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "One")
    return tmp_path


def test_a_known_commit_has_a_short_name(repository):
    assert len(builds.require("HEAD", repository)) == 7


def test_a_commit_missing_from_a_shallow_clone_is_an_error_that_says_how_to_get_it(repository):
    with pytest.raises(SystemExit, match="git fetch --unshallow"):
        builds.require("283acab", repository)


def test_builds_can_be_saved_and_loaded(tmp_path):
    runs = [{"revision": "a", "work": builds.MAKE_RUN, "wall": 2.0, "cpu": 3.0}]
    kept = builds.Builds("today", "here", "a", "b", runs)
    kept.save(tmp_path / "builds.json")
    assert builds.Builds.load(tmp_path / "builds.json") == kept
    assert builds.Builds.load(tmp_path / "none.json") is None


def test_the_ratio_is_the_median_of_the_rounds():
    runs = [
        {"revision": revision, "work": builds.RELEASE, "wall": wall, "cpu": 1.0}
        for revision, wall in [("old", 100), ("new", 20), ("old", 100), ("new", 30), ("old", 200), ("new", 50)]
    ]
    kept = builds.Builds("today", "here", "old", "new", runs)
    assert kept.ratio(builds.RELEASE, "wall") == 0.25
    assert kept.ratio(builds.MAKE_RUN, "wall") is None
