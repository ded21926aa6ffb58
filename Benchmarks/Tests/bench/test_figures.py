"""The figures, goals and report that are computed from the harness's output."""

import dataclasses
import xml.etree.ElementTree

import pytest
from bench import figures, goals, instructions, picture, reasons, report, tables
from bench.builds import MAKE_RUN, RELEASE, Builds
from bench.facts import Facts
from bench.samples import Samples
from bench.sizes import Size
from bench.subjects import BEDROCK_NAME, DIRECT, FLOOR_NAME, MEMORY_CACHE, NODE, OWN_FLOOR_NAME, PROXY_NAME, Subject

SUBJECTS = [Subject(DIRECT, "direct"), *(Subject(name, "lambda") for name in (PROXY_NAME, FLOOR_NAME, NODE))]
COUNTS = {"start": 100, "stream of 100 chunks": 50, "stream of 100 chunks with its record": 52}
BEDROCK = {"stream of 100 events from Bedrock": 120}
FACTS = Facts(
    machine=["Measured on a machine."],
    skipped=["Go: skipped"],
    sizes=[Size(PROXY_NAME, 13_600_000, "stripped", 5)],
    image="no image",
    counts={PROXY_NAME: COUNTS | BEDROCK, FLOOR_NAME: COUNTS},
    profile=[("1 %", "f", "g")],
    builds=Builds(
        date="26 November 2026",
        machine="a machine",
        base="283acab",
        head="abcdef0",
        runs=[
            {"revision": revision, "work": work, "wall": wall, "cpu": cpu}
            for work, revision, wall, cpu in [
                (MAKE_RUN, "283acab", 100, 180),
                (MAKE_RUN, "abcdef0", 45, 90),
                (RELEASE, "283acab", 200, 380),
                (RELEASE, "abcdef0", 70, 95),
            ]
        ],
    ),
)


@pytest.fixture
def samples():
    samples = Samples()
    for cpu in (100, 300, 200):
        samples.add(FLOOR_NAME, "full", {"cpuPerInvocation": cpu})
        samples.add(PROXY_NAME, "full", {"cpuPerInvocation": cpu * 1.5})
    samples.add(NODE, "full", {"cpuPerInvocation": 1500})
    samples.faults[NODE, "one"] = "not done after 60 s"
    for name, late in [(DIRECT, 10), (FLOOR_NAME, 30), (PROXY_NAME, 40)]:
        samples.add(name, "hundred", {"latency": {"p50": late, "p99": late}})
    # A direct connection has no program, and so no memory.
    samples.add(DIRECT, "one", {"latency": {"p50": 10, "p99": 10}})
    samples.add(DIRECT, "thousand", {"latency": {"p50": 10, "p99": 10}})
    for name, late in [(FLOOR_NAME, 30), (PROXY_NAME, 40)]:
        samples.add(name, "one", {"latency": {"p50": late, "p99": late}, "residentBytes": 18_000_000})
        samples.add(name, "thousand", {"latency": {"p50": late, "p99": 25_010}, "residentBytes": 82_000_000})
    return samples


def test_a_ratio_is_the_median_of_the_ratios_in_each_round(samples):
    assert figures.FULL.ratio(samples, PROXY_NAME, FLOOR_NAME) == 1.5
    assert figures.FULL.ratio(samples, PROXY_NAME, NODE) == 0.1


def test_an_added_time_is_the_difference_to_a_direct_connection(samples):
    assert figures.HUNDRED_P50.values(samples, PROXY_NAME) == [30]
    assert figures.HUNDRED_P50.ratio(samples, PROXY_NAME, FLOOR_NAME) == 1.5


def test_there_is_no_ratio_to_a_figure_within_the_noise(samples):
    samples.add(DIRECT, "paced", {"latency": {"p50": 10, "p99": 10}})
    samples.add(DIRECT, "paced", {"latency": {"p50": 31, "p99": 31}})
    for late in (30, 30):
        samples.add(FLOOR_NAME, "paced", {"latency": {"p50": late, "p99": late}})
        samples.add(PROXY_NAME, "paced", {"latency": {"p50": late, "p99": late}})
    assert figures.ONE_P50.values(samples, PROXY_NAME) == [20, -1]
    assert figures.ONE_P50.ratio(samples, PROXY_NAME, FLOOR_NAME) is None


def test_a_scenario_that_failed_once_has_no_figures(samples):
    samples.fail(PROXY_NAME, "full", "not done")
    assert figures.FULL.values(samples, PROXY_NAME) == []


def test_memory_per_stream_is_that_of_the_other_999(samples):
    assert figures.memory_per_stream(samples, PROXY_NAME) == [pytest.approx(64.06, abs=0.01)]


def found(samples, facts=FACTS):
    return {result.goal: (result.found, result.is_met) for result in goals.results(samples, facts)}


def test_goals_are_met_missed_or_not_measured(samples):
    said = found(samples)
    assert said["processor time of 100 chunks, full speed: at most 1.1 × C floor"] == ("1.50 ×", False)
    assert said["processor time of 100 chunks, full speed: at most 1/4.5 × Node handler"] == ("1/10.0", True)
    assert said["added latency of a chunk, p50, 100 streams: at most 1.5 × C floor"] == ("1.50 ×", True)
    assert said["resident memory for each further stream: at most 56 KB"] == ("64.1 KB", False)
    assert said["exec to the first poll, warm page cache: at most 0.65 × C floor"] == ("not measured", None)


def test_the_start_has_a_goal_for_each_floor(samples):
    for name, milliseconds in [(PROXY_NAME, 6), (FLOOR_NAME, 10), (OWN_FLOOR_NAME, 4)]:
        samples.add(name, "warm", {"firstPoll": milliseconds})
    said = found(samples)
    assert said["exec to the first poll, warm page cache: at most 0.65 × C floor"] == ("0.60 ×", True)
    assert said["exec to the first poll, warm page cache: at most 1.4 × C floor, our libcurl"] == ("1.50 ×", False)


def test_throughput_must_be_at_least_the_goal(samples):
    for name, speed in [(PROXY_NAME, 89e6), (FLOOR_NAME, 100e6)]:
        samples.add(name, "bulk", {"bytesPerSecond": speed})
    assert found(samples)["throughput of 200 MB: at least 0.9 × C floor"] == ("0.89 ×", False)


def test_goals_of_the_program_and_its_builds_come_from_the_facts(samples):
    said = found(samples)
    assert said["size of the stripped program, with TLS: at most 14 MB"] == ("13.6 MB", True)
    assert said["shared libraries that the loader maps: at most 4"] == ("5", False)
    assert said["instructions for a request's record: at most 4.5% of the request's"] == ("4.0%", True)
    assert said["`make run` from a fresh clone to the printed curl line: at most 0.45 × 283acab"] == ("0.45 ×", True)
    assert said["release build from empty: at most 0.3 × 283acab"] == ("0.35 ×", False)


def test_bedrock_is_compared_with_the_relay_in_the_same_round(samples):
    for cpu, late in [(500, 80), (400, 90)]:
        samples.add(BEDROCK_NAME, "full", {"cpuPerInvocation": cpu})
        samples.add(BEDROCK_NAME, "paced", {"latency": {"p50": late, "p99": late}})
        samples.add(PROXY_NAME, "paced", {"latency": {"p50": 30, "p99": 30}})
        samples.add(DIRECT, "paced", {"latency": {"p50": 10, "p99": 10}})
    said = found(samples)
    limit = "at most 3 × a relayed stream"
    # 500 to 150, and 400 to 450.
    assert said[f"processor time of 100 events from Bedrock, full speed: {limit}"] == ("2.11 ×", True)
    assert said[f"added latency of an event from Bedrock, p50, 1 stream: {limit}"] == ("3.75 ×", False)
    assert said[f"processor time of 100 events from Bedrock, 10 ms apart: {limit}"] == ("not measured", None)
    assert said[f"instructions for 100 events from Bedrock: {limit}"] == ("2.40 ×", True)


def test_a_miss_is_compared_with_a_stream_without_a_cache(samples):
    goal = "instructions for a stream that isn't in the cache: at most 1.05 × one without a cache"
    assert found(samples)[goal] == ("not measured", None)
    facts = dataclasses.replace(FACTS, counts={PROXY_NAME: COUNTS | BEDROCK | {instructions.MISS: 53}})
    assert found(samples, facts)[goal] == ("1.06 ×", False)


def test_goals_without_builds_or_sizes_are_not_measured(samples):
    said = found(samples, dataclasses.replace(FACTS, builds=None, sizes=[]))
    assert said["release build from empty: at most 0.3 × 283acab"] == ("not measured", None)
    assert said["size of the stripped program, with TLS: at most 14 MB"] == ("not measured", None)


def test_the_keys_of_goals_are_distinct(samples):
    keys = [result.key for result in goals.results(samples, FACTS)]
    assert len(keys) == len(set(keys))


def test_a_table_has_median_quartiles_runs_and_ratio(samples):
    table = tables.rows_table([(FLOOR_NAME, [1.0, 2.0, 3.0], 1), (PROXY_NAME, [4.0], 2)], 1)
    assert "| C floor | 2.0 | 1.5 to 2.5 | 3 | 1.00 × |" in table
    assert "| **this proxy** | 4.0 | 4.0 to 4.0 | 1 | 2.00 × |" in table


def test_samples_can_be_saved_and_loaded(samples, tmp_path):
    samples.save(tmp_path / "samples.json")
    kept = Samples.load(tmp_path / "samples.json")
    assert kept.of(FLOOR_NAME, "full") == samples.of(FLOOR_NAME, "full")
    assert kept.faults == samples.faults


def test_a_scenario_can_be_measured_again(samples):
    samples.forget("one")
    assert samples.of(PROXY_NAME, "one") == [] and samples.faults == {}
    assert samples.of(PROXY_NAME, "full") != []
    text = report.report(samples, SUBJECTS, FACTS, {})
    assert "Measured again after the rest, with all subjects alternating: 1 stream, 10 ms." in text


def test_the_cache_is_compared_with_the_proxy_without_one(samples):
    cached = Subject(MEMORY_CACHE, "lambda", only=("hit-stream",))
    for name, cpu in [(PROXY_NAME, 800), (MEMORY_CACHE, 400)]:
        samples.add(name, "hit-stream", {"cpuPerInvocation": cpu, "firstChunk": {"p50": cpu}})
    text = report.report(samples, [*SUBJECTS, cached], FACTS, {})
    section = text.split("## The response cache")[1].split("\n## ")[0]
    assert f"relative to {PROXY_NAME}" in section
    assert f"| {MEMORY_CACHE} | 400 | 400 to 400 | 1 | 0.50 × |" in section


def test_the_report_has_every_row_and_says_what_is_missing(samples):
    text = report.report(samples, SUBJECTS, FACTS, {})
    assert "- Go: skipped" in text
    assert "| Node handler | not done after 60 s |" in text
    assert "| start | 100 | 100 | 1.00 × | – |" in text
    assert "| stream of 100 events from Bedrock | 120 | – |  | – |" in text
    assert "| this proxy | 13,600,000 | stripped | 5 |" in text
    assert "| make run, s | 100 | 45 | 0.45 × |" in text
    assert "| release build, s of processor time | 380 | 95 | 0.25 × |" in text
    assert "by `make bench-builds` on 26 November 2026 on a machine" in text


def test_a_report_without_builds_says_how_to_measure_them(samples):
    text = report.report(samples, SUBJECTS, dataclasses.replace(FACTS, builds=None), {})
    assert "Not measured. `make bench-builds` does it" in text


def test_facts_can_be_saved_and_loaded(tmp_path):
    FACTS.save(tmp_path / "facts.json")
    kept = Facts.load(tmp_path / "facts.json")
    assert dataclasses.replace(kept, builds=FACTS.builds, profile=FACTS.profile) == FACTS


def test_a_missed_goal_without_a_reason_is_reported_at_the_top_and_in_its_row(samples):
    text = report.report(samples, SUBJECTS, FACTS, {"full-floor": "Because of that."})
    head, _, rest = text.partition("## Goals")
    assert "Not to be published: a missed goal needs a reason" in head
    assert "(`libraries`)" in head and "(`full-floor`)" not in head
    assert "| shared libraries that the loader maps: at most 4 | 5 | **missed, no reason given** |" in rest
    assert "| processor time of 100 chunks, full speed: at most 1.1 × C floor | 1.50 × | **missed** |" in rest


def test_a_reason_appears_once_after_the_missed_goals_that_it_explains(samples):
    why = dict.fromkeys(["full-floor", "libraries", "full-node"], "Because of that.")
    text = report.report(samples, SUBJECTS, FACTS, why)
    assert text.count("Because of that.") == 1
    assert (
        "**processor time of 100 chunks, full speed: at most 1.1 × C floor** (1.50 ×); "
        "**shared libraries that the loader maps: at most 4** (5):\n\nBecause of that." in text
    )


def test_there_is_no_warning_when_each_missed_goal_has_a_reason(samples):
    why = dict.fromkeys((result.key for result in goals.results(samples, FACTS)), "Because of that.")
    assert "Not to be published" not in report.report(samples, SUBJECTS, FACTS, why)


def test_reasons_are_read_by_the_keys_in_their_headings(samples, tmp_path):
    notes = tmp_path / "NOTES.md"
    notes.write_text("# Why\n\nHow to.\n\n## one two\n\nFirst.\n\nMore.\n\n## three\n\nSecond.\n")
    assert reasons.load(notes) == {"one": "First.\n\nMore.", "two": "First.\n\nMore.", "three": "Second."}
    results = [*goals.results(samples, FACTS)]
    assert reasons.stale(results, {"full-floor": "x", "ful-floor": "y"}) == ["ful-floor"]


def test_the_notes_are_about_existing_goals(samples):
    assert reasons.stale([*goals.results(samples, FACTS)], reasons.load()) == []


def test_the_picture_is_svg_with_a_bar_for_each_subject(samples):
    root = xml.etree.ElementTree.fromstring(picture.picture(samples, SUBJECTS))
    bars = [element for element in root.iter() if element.tag.endswith("rect")]
    # The card, and the memory of two subjects with one stream.
    assert len(bars) == 1 + 2
