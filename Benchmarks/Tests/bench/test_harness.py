"""The harness, with subjects whose faults are known."""

import concurrent.futures
import json
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
HARNESS = HERE.parents[1] / ".build" / "debug" / "harness"
TO_END = 120  # seconds; reached only if something is broken


def run(vice, *arguments):
    command = [HARNESS, *arguments, "--kind", "gateway", "--", sys.executable, HERE / "gateway.py", vice]
    return subprocess.run(command, capture_output=True, text=True, timeout=TO_END)


def figures(vice, *arguments):
    result = run(vice, *arguments)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


WORK = ("work", "--invocations", "5", "--warm-up", "1", "--chunks", "10")


def test_every_chunk_of_every_counted_answer_is_counted():
    found = figures("none", *WORK)
    assert (found["invocations"], found["chunks"], found["latency"]["count"]) == (5, 50, 50)
    assert found["residentBytes"] > 5_000_000


def test_a_delay_is_found_in_each_chunk():
    # Lock step, so that no chunk waits for the one before it.
    # The control runs at the same time, so that both have the same share of a busy machine.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        delayed, control = [pool.submit(figures, vice, *WORK, "--lock-step") for vice in ("delay", "none")]
        found, undelayed = delayed.result(), control.result()
    assert found["latency"]["p50"] >= 20_000
    assert found["latency"]["p50"] > undelayed["latency"]["p50"]
    assert found["firstChunk"]["p50"] >= 20_000


def test_processor_time_is_that_of_the_subject():
    found = figures("burn", *WORK)
    assert 100_000 <= found["cpuPerInvocation"] < 400_000  # All five together would be 500,000.
    assert found["cpuPerChunk"] == pytest.approx(found["cpuPerInvocation"] / 10)


def test_a_cached_answer_is_counted_without_chunks_from_the_upstream():
    found = figures("cache", *WORK)
    assert (found["invocations"], found["chunks"]) == (5, 0)
    assert found["cpuPerInvocation"] > 0 and found["firstChunk"]["count"] == 5


def test_distinct_requests_are_not_in_a_cache():
    assert figures("cache", *WORK, "--distinct")["chunks"] == 50


def test_a_missing_chunk_is_an_error():
    result = run("drop", *WORK)
    assert result.returncode != 0
    assert "an answer ended after 9 of 10 chunks" in result.stderr


def test_many_streams_are_measured_while_all_of_them_run():
    found = figures("none", "work", "--streams", "20", "--interval", "20", "--seconds", "1")
    # 20 streams of at most 50 chunks a second, for one second, and the chunks that a busy machine sends late.
    assert 20 < found["chunks"] <= 2000


def test_a_missing_chunk_among_many_streams_is_an_error():
    result = run("drop", "work", "--streams", "5", "--interval", "20", "--seconds", "0.5")
    assert result.returncode != 0
    assert "chunks arrived" in result.stderr


def test_a_subject_that_exits_is_an_error():
    result = run("leave", *WORK)
    assert result.returncode != 0
    assert "ended" in result.stderr or "closed" in result.stderr


def test_a_start_is_timed_until_the_first_answer():
    (start,) = figures("burn", "start", "--runs", "1")
    assert 100 <= start["firstByte"] < TO_END * 1000  # Milliseconds.


def test_a_program_that_does_not_exist_is_an_error():
    command = [HARNESS, "work", "--", "/nonesuch/program"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=TO_END)
    assert result.returncode != 0
    assert "can't start /nonesuch/program" in result.stderr
