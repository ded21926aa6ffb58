"""What is computed from the harness's figures."""

import xml.etree.ElementTree

import pytest
from bench import figures, goals, picture, report, tables
from bench.samples import Samples
from bench.subjects import DIRECT, FLOOR_NAME, NODE, PROXY_NAME, Subject

SUBJECTS = [Subject(DIRECT, "direct"), *(Subject(name, "lambda") for name in (PROXY_NAME, FLOOR_NAME, NODE))]
COUNTS = {name: {"start": 100, "stream of 100 chunks": 50} for name in (PROXY_NAME, FLOOR_NAME)}


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
    # There is no program in a direct connection, so nothing to say about its memory.
    samples.add(DIRECT, "one", {"latency": {"p50": 10, "p99": 10}})
    samples.add(DIRECT, "thousand", {"latency": {"p50": 10, "p99": 10}})
    for name, late in [(FLOOR_NAME, 30), (PROXY_NAME, 40)]:
        samples.add(name, "one", {"latency": {"p50": late, "p99": late}, "residentBytes": 18_000_000})
        samples.add(name, "thousand", {"latency": {"p50": late, "p99": 25_010}, "residentBytes": 82_000_000})
    return samples


def test_a_ratio_is_the_median_of_the_ratios_in_each_round(samples):
    assert figures.FULL.ratio(samples, PROXY_NAME, FLOOR_NAME) == 1.5
    assert figures.FULL.ratio(samples, PROXY_NAME, NODE) == 0.1


def test_what_is_added_is_more_than_without_a_proxy(samples):
    assert figures.HUNDRED_P50.values(samples, PROXY_NAME) == [30]
    assert figures.HUNDRED_P50.ratio(samples, PROXY_NAME, FLOOR_NAME) == 1.5


def test_a_ratio_to_what_is_not_above_the_noise_is_none(samples):
    samples.add(DIRECT, "paced", {"latency": {"p50": 10, "p99": 10}})
    samples.add(DIRECT, "paced", {"latency": {"p50": 31, "p99": 31}})
    for late in (30, 30):
        samples.add(FLOOR_NAME, "paced", {"latency": {"p50": late, "p99": late}})
        samples.add(PROXY_NAME, "paced", {"latency": {"p50": late, "p99": late}})
    assert figures.ONE_P50.values(samples, PROXY_NAME) == [20, -1]
    assert figures.ONE_P50.ratio(samples, PROXY_NAME, FLOOR_NAME) is None


def test_what_fails_once_is_not_measured(samples):
    samples.fail(PROXY_NAME, "full", "not done")
    assert figures.FULL.values(samples, PROXY_NAME) == []


def test_memory_for_a_stream_is_that_of_the_other_999(samples):
    assert figures.memory_per_stream(samples, PROXY_NAME) == [pytest.approx(64.06, abs=0.01)]


def test_goals_are_met_missed_or_not_measured(samples):
    found = {result.goal: (result.found, result.is_met) for result in goals.results(samples)}
    assert found["processor time of 100 chunks, full speed: at most 1.3 × C floor"] == ("1.50 ×", False)
    assert found["processor time of 100 chunks, full speed: at most 1/5 × Node handler"] == ("1/10.0", True)
    assert found["added latency of a chunk, p50, 100 streams: at most 1.5 × C floor"] == ("1.50 ×", True)
    assert found["resident for each further stream: at most 64 KB"] == ("64.1 KB", False)
    assert found["cold start, cold page cache: at most 1.5 × C floor"] == ("not measured", None)


def test_a_table_has_median_quartiles_runs_and_ratio(samples):
    table = tables.rows_table([(FLOOR_NAME, [1.0, 2.0, 3.0], 1), (PROXY_NAME, [4.0], 2)], 1)
    assert "| C floor | 2.0 | 1.5 to 2.5 | 3 | 1.00 × |" in table
    assert "| **this proxy** | 4.0 | 4.0 to 4.0 | 1 | 2.00 × |" in table


def test_samples_are_the_same_when_they_were_kept(samples, tmp_path):
    samples.save(tmp_path / "samples.json")
    kept = Samples.load(tmp_path / "samples.json")
    assert kept.of(FLOOR_NAME, "full") == samples.of(FLOOR_NAME, "full")
    assert kept.faults == samples.faults


def test_a_scenario_can_be_measured_again(samples):
    samples.forget("one")
    assert samples.of(PROXY_NAME, "one") == [] and samples.faults == {}
    assert samples.of(PROXY_NAME, "full") != []
    text = report.report(samples, SUBJECTS, [], COUNTS, [], [], "no image")
    assert "Measured again by itself, all subjects in turns, after the others: 1 stream, 10 ms." in text


def test_the_report_has_every_row_there_is_and_says_what_is_missing(samples):
    text = report.report(samples, SUBJECTS, ["Go: skipped"], COUNTS, [("1 %", "f", "g")], [("a", 1, "b")], "no image")
    assert "- Go: skipped" in text
    assert "| Node handler | not done after 60 s |" in text
    assert "| start | 100 | 100 | 1.00 × |" in text
    assert text.count("**missed**") == 3


def test_the_picture_is_svg_with_a_bar_for_each_subject(samples):
    root = xml.etree.ElementTree.fromstring(picture.picture(samples, SUBJECTS))
    bars = [element for element in root.iter() if element.tag.endswith("rect")]
    # The card, and the memory of two subjects with one stream.
    assert len(bars) == 1 + 2
