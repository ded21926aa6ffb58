"""Which runs are made, and how long those that are left will take."""

import pytest
from bench import instructions, measure, scenarios
from bench.pace import Pace
from bench.samples import Samples
from bench.subjects import Subject

PROXY = Subject("proxy", "lambda")
DIRECT = Subject("direct", "direct")
TLS = Subject("tls", "lambda", only=("tls",))
FLOOR = Subject("floor", "lambda", only=("warm", "full"))


@pytest.mark.parametrize(
    "subject, scenario, takes",
    [
        (PROXY, "full", True),
        (PROXY, "tls", False),
        (TLS, "tls", True),
        (TLS, "full", False),
        (FLOOR, "full", True),
        (FLOOR, "prompt", False),
        (DIRECT, "full", True),
        (DIRECT, "warm", False),
    ],
)
def test_a_scenario_is_run_with_those_of_whom_it_says_something(subject, scenario, takes):
    assert measure.takes(subject, scenarios.BY_NAME[scenario]) is takes


def test_who_could_not_do_a_hundred_streams_is_not_asked_for_a_thousand():
    samples = Samples()
    samples.fail("proxy", "hundred", "not done after 45 s")
    # It would fail with another fault if it were run: there is no such program.
    measure._measure(PROXY, scenarios.BY_NAME["thousand"], samples)
    assert samples.faults["proxy", "thousand"] == "not tried, since it couldn't do 100 streams, 10 ms"


RUNS = [("proxy", "full"), ("node", "full"), ("proxy", "paced"), ("proxy", "full")]


def test_before_anything_is_known_nothing_is_said_of_what_is_left():
    assert Pace(RUNS).left() is None


def test_what_is_left_takes_what_it_took_before_or_what_its_like_took():
    pace = Pace(RUNS)
    pace.done(("proxy", "full"), 2)
    # node's full as proxy's, paced as the mean of all, proxy's full as before.
    assert pace.left() == 2 + 2 + 2
    pace.done(("node", "full"), 10)
    assert pace.left() == 6 + 2


def test_the_pace_of_one_run_is_known_to_the_next(tmp_path):
    pace = Pace(RUNS)
    for run in RUNS:
        pace.done(run, 3)
    pace.save(tmp_path / "pace.json")
    assert Pace.load(RUNS, tmp_path / "pace.json").left() == 12
    assert Pace.load(RUNS, tmp_path / "none.json").left() is None


def test_the_share_of_the_record_is_what_it_adds_to_a_request():
    counts = {"stream of 100 chunks": 200, "stream of 100 chunks with its record": 210}
    assert instructions.record_share(counts) == pytest.approx(0.05)
