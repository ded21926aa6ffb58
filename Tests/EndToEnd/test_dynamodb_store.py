"""The store that counts in DynamoDB, called by independent processes."""

import itertools
import json
import subprocess
import time

import moto_server
import odd_dynamodb
import programs
import pytest

PROCESSES = 4

pytestmark = pytest.mark.debug_only


def started(dynamodb, call, endpoint=None, variables=None, **options):
    """Start a process that calls the store: `count` is its option `--count`."""
    options = {"endpoint": endpoint or dynamodb.endpoint, "table": moto_server.TABLE, **options}
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", programs.BUILD / "limit-store-probe", call]
        + [f"--{name.replace('_', '-')}={value}" for name, value in options.items()],
        env=programs.environment(**dynamodb.variables | (variables or {})),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process):
    """Return the store's answer to each of its calls."""
    try:
        output, _ = process.communicate(timeout=programs.PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


def probe(dynamodb, call, **options):
    return ended(started(dynamodb, call, **options))


def probes(dynamodb, call, **options):
    """Let all processes call at once. Return the store's answers, and how many calls it didn't answer in time.

    On a busy machine there may be such late calls. The store may have counted each of them or not.
    """
    processes = [started(dynamodb, call, **options) for _ in range(PROCESSES)]
    answers = list(itertools.chain.from_iterable([ended(process) for process in processes]))
    late = [answer for answer in answers if "did not answer within" in answer.get("error", "")]
    return [answer for answer in answers if answer not in late], len(late)


def test_temporary_credentials_of_a_role_work(dynamodb):
    with dynamodb.checking():
        (taken,) = probe(dynamodb, "take")
        (added,) = probe(dynamodb, "add", requests=0, tokens=7, cost=-3, period="day")
        (entered,) = probe(dynamodb, "enter")
    assert taken["granted"] and entered["entered"] and "error" not in added
    counted = dynamodb.items()[f"probe#day#{added['start']}"]
    assert (counted["tokens"], counted["cost"]) == (7, -3)


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_partly_wrong_credentials_are_refused(dynamodb, name):
    with dynamodb.checking():
        (answer,) = probe(dynamodb, "take", variables={name: "AKIDWRONG"})
    assert "403" in answer["error"] and not answer["isSilent"]
    assert not dynamodb.items()


def test_processes_together_never_take_more_than_the_quota(dynamodb):
    answers, late = probes(dynamodb, "take", count=40, quota=100, period="month")
    granted = {answer["requests"] for answer in answers if answer["granted"]}
    assert granted <= set(range(1, 101)) and 100 - late <= len(granted)
    assert len(granted) == sum(answer["granted"] for answer in answers)
    assert {answer["requests"] for answer in answers if not answer["granted"]} == {100}
    assert [item["requests"] for item in dynamodb.items().values()] == [100]


def test_prefetched_permits_never_exceed_the_quota(dynamodb):
    answers, late = probes(dynamodb, "take", count=10, requests=7, quota=100, period="month")
    beyond = [max(0, answer["requests"] - 100) for answer in answers if answer["granted"]]
    assert 100 - 7 * late <= sum(7 - excess for excess in beyond) <= 100
    assert 15 - late <= len(beyond) <= 15


@pytest.mark.parametrize("measure", ["tokens", "cost"])
def test_no_request_is_taken_once_tokens_or_costs_have_reached_their_quota(dynamodb, measure):
    probe(dynamodb, "add", requests=0, period="month", **{measure: 999})
    (below,) = probe(dynamodb, "take", period="month", **{measure: 1000})
    probe(dynamodb, "add", requests=0, period="month", **{measure: 1})
    (reached,) = probe(dynamodb, "take", period="month", **{measure: 1000})
    assert (below["granted"], reached["granted"], reached[measure]) == (True, False, 1000)


def test_processes_together_never_open_more_than_the_quota(dynamodb):
    answers, late = probes(dynamodb, "enter", count=10, quota=12)
    assert 12 - late <= sum(answer["entered"] for answer in answers) <= 12
    assert len(dynamodb.items()["probe#open"]["leases"]) == 12


def test_open_requests_never_exceed_the_quota_at_any_time(dynamodb):
    answers, late = probes(dynamodb, "churn", count=24, quota=3, period="month")
    entered = [answer for answer in answers if answer["entered"]]
    # At the same moment, leaving comes before entering.
    steps = sorted([(answer["from"], 1) for answer in entered] + [(answer["to"], -1) for answer in entered])
    most = max(itertools.accumulate(step for _, step in steps))
    assert most <= 3 and (most > 1 or late)
    assert 0 < len(entered) < len(answers)
    assert len(dynamodb.items()["probe#open"].get("leases", [])) <= late


def test_leases_left_behind_make_room_once_they_have_expired(dynamodb):
    now = int(time.time())
    alive = f"{now + 900}:alive"
    dynamodb.put(id="probe#open", leases=[alive, *(f"{now - 120}:dead-{number}" for number in range(4))])
    answers, late = probes(dynamodb, "enter", count=2, quota=5)
    leases = dynamodb.items()["probe#open"]["leases"]
    entered = sum(answer["entered"] for answer in answers)
    assert entered <= len(leases) - 1 <= min(4, entered + late)
    assert alive in leases and not [lease for lease in leases if "dead" in lease]


def test_counters_expire_some_time_after_their_period(dynamodb):
    (taken,) = probe(dynamodb, "take")
    probe(dynamodb, "enter", lasting=900)
    described = dynamodb.administrator.describe_time_to_live(TableName=moto_server.TABLE)
    assert described["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    items = dynamodb.items()
    assert items[f"probe#minute#{taken['start']}"]["expires"] == taken["start"] + 60 + 3600
    (lease,) = items["probe#open"]["leases"]
    assert items["probe#open"]["expires"] == int(lease.split(":")[0]) + 2 * 86_400


@pytest.mark.parametrize("offset", [-60_000, 60_000])
def test_a_process_with_a_wrong_clock_counts_in_the_right_minute_once_it_knows(dynamodb, offset):
    # DynamoDB's time is known to two seconds.
    before = (time.time() - 2) // 60 * 60
    first, *later = probe(dynamodb, "take", count=3, clock_offset=offset)
    minutes = {before, (time.time() + 2) // 60 * 60}
    assert first["start"] - offset / 1000 in minutes
    assert {answer["start"] for answer in later} <= minutes


@pytest.mark.parametrize(
    "script, is_silent",
    [
        (odd_dynamodb.silent, True),
        (odd_dynamodb.stopping, True),
        (odd_dynamodb.closing, True),
        (odd_dynamodb.garbage, False),
        (odd_dynamodb.page, False),
        (odd_dynamodb.endless, False),
    ],
)
def test_a_broken_store_is_an_error_in_bounded_time(dynamodb, upstream, script, is_silent):
    """Without a bound of its own the process would wait forever for the upstream."""
    # If a connection closes without an answer, the call is retried once.
    upstream.script(script, script)
    (answer,) = probe(dynamodb, "take", endpoint=upstream.origin)
    assert answer["error"] and answer["isSilent"] == is_silent


def test_an_unreachable_store_is_an_error(dynamodb, closed_port):
    (answer,) = probe(dynamodb, "take", endpoint=f"http://127.0.0.1:{closed_port}")
    assert answer["error"] and answer["isSilent"]


def test_the_error_for_a_missing_table_says_how_to_create_it(dynamodb):
    (answer,) = probe(dynamodb, "take", table="elsewhere")
    assert "create-table --table-name elsewhere" in answer["error"]
    assert "Enabled=true,AttributeName=expires" in answer["error"]
