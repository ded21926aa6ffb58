"""Which runs are made, and how long the remaining ones take."""

import pytest
from bench import instructions, measure, scenarios
from bench.pace import Pace
from bench.samples import Samples
from bench.subjects import Subject

PROXY = Subject("proxy", "lambda")
DIRECT = Subject("direct", "direct")
TLS = Subject("tls", "lambda", only=("tls",))
FLOOR = Subject("floor", "lambda", only=("warm", "full"))
ALSO = Subject("proxy", "lambda", also=("hit-plain",))


@pytest.mark.parametrize(
    "subject, scenario, takes",
    [
        (PROXY, "full", True),
        (PROXY, "tls", False),
        (TLS, "tls", True),
        (TLS, "full", False),
        (FLOOR, "full", True),
        (FLOOR, "prompt", False),
        (ALSO, "full", True),
        (ALSO, "hit-plain", True),
        (ALSO, "miss-plain", False),
        (DIRECT, "full", True),
        (DIRECT, "warm", False),
    ],
)
def test_a_scenario_is_run_with_the_subjects_that_it_is_for(subject, scenario, takes):
    assert measure.takes(subject, scenarios.BY_NAME[scenario]) is takes


def test_a_subject_that_failed_with_a_hundred_streams_is_not_given_a_thousand():
    samples = Samples()
    samples.fail("proxy", "hundred", "not done after 45 s")
    # If it were run, it would fail with another fault: there is no such program.
    measure._measure(PROXY, scenarios.BY_NAME["thousand"], samples)
    assert samples.faults["proxy", "thousand"] == "not tried, since it couldn't do 100 streams, 10 ms"


@pytest.mark.parametrize(
    "chunks, has_cache, scenario, is_kept",
    [
        (0, True, "hit-plain", True),
        (200, True, "hit-plain", False),
        (200, False, "hit-plain", True),
        (200, True, "miss-plain", True),
    ],
)
def test_a_cache_that_asks_the_upstream_for_the_same_answer_has_no_figures(
    monkeypatch, chunks, has_cache, scenario, is_kept
):
    monkeypatch.setattr(measure, "harness", lambda *_: ({"chunks": chunks}, None))
    subject, samples = Subject("cached", "lambda", has_cache=has_cache), Samples()
    measure._measure(subject, scenarios.BY_NAME[scenario], samples)
    assert samples.of("cached", scenario) == ([{"chunks": chunks}] if is_kept else [])
    assert ("cached", scenario) in samples.faults or is_kept


RUNS = [("proxy", "full"), ("node", "full"), ("proxy", "paced"), ("proxy", "full")]


def test_the_remaining_time_is_unknown_before_the_first_run():
    assert Pace(RUNS).left() is None


def test_a_remaining_run_is_estimated_from_itself_or_from_similar_runs():
    pace = Pace(RUNS)
    pace.done(("proxy", "full"), 2)
    # node's full like proxy's, paced like the mean of all, proxy's full as before.
    assert pace.left() == 2 + 2 + 2
    pace.done(("node", "full"), 10)
    assert pace.left() == 6 + 2


def test_the_pace_can_be_saved_and_loaded(tmp_path):
    pace = Pace(RUNS)
    for run in RUNS:
        pace.done(run, 3)
    pace.save(tmp_path / "pace.json")
    assert Pace.load(RUNS, tmp_path / "pace.json").left() == 12
    assert Pace.load(RUNS, tmp_path / "none.json").left() is None


def test_a_subject_has_variables_and_arguments_of_its_own(monkeypatch, tmp_path):
    harness = tmp_path / "harness"
    harness.write_text("#!/usr/bin/env python3\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    harness.chmod(0o700)
    monkeypatch.setattr(measure, "HARNESS", harness)
    subject = Subject("bedrock", "lambda", ("program",), tmp_path, variables=("A=b",), arguments=("--bedrock",))
    command, fault = measure.harness(subject, ("work",), ("valgrind",))
    assert fault is None
    assert command == ["work", "--bedrock", "--kind", "lambda", "--", "/usr/bin/env", "A=b", "valgrind", "program"]


def test_a_miss_is_compared_with_a_stream_without_a_cache():
    counts = {instructions.MISS: 208, "stream of 100 chunks": 200}
    assert instructions.miss_ratio(counts) == pytest.approx(1.04)


def test_the_share_of_the_record_is_what_it_adds_to_a_request():
    counts = {"stream of 100 chunks": 200, "stream of 100 chunks with its record": 210}
    assert instructions.record_share(counts) == pytest.approx(0.05)
