"""One line for each request: log, audit trail and metrics at once."""

import threading
import time

import answers
import calls
import lambda_process
import pytest
import record_fields
import records
from lambda_emulator import event

CHAT = "/scripted/v1/chat/completions"
PRICED = """
priced: {{url: "{up}/v1", token: t, num_retries: 0, input_cost_per_token: 0.001, output_cost_per_token: 0.002,
         cache_read_input_token_cost: 0.0005, commit_early: false}}
settings:
  virtual_keys:
    - {{name: "Web App", id: web, key: "${{TEST_KEY}}", metadata: {{team: "Blue", cost_center: "7"}}}}
"""
USAGE = {"prompt_tokens": 10, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 6}}
COST = 4 * 0.001 + 6 * 0.0005 + 4 * 0.002


@pytest.fixture(scope="module")
def priced(start, session_upstream):
    return start(PRICED.format(up=session_upstream.origin))


@pytest.fixture(scope="module")
def aliased(start, session_upstream):
    return start(
        PRICED.format(up=session_upstream.origin).replace("commit_early", "model_aliases: {fast: m}, commit_early")
    )


def metrics(record):
    """The metrics that a record declares, by their dimensions."""
    declared = {}
    for directive in record["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == record_fields.NAMESPACE
        (dimensions,) = directive["Dimensions"]
        assert all(isinstance(record[name], str) for name in dimensions)
        declared[tuple(dimensions)] = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
        assert all(isinstance(record[name], (int, float)) for name in declared[tuple(dimensions)])
    return declared


def test_a_plain_response_leaves_one_complete_line(upstream, priced):
    upstream.script(answers.plain({**answers.completion(), "model": "m-2026", "usage": USAGE}))
    body = calls.chat()
    began = time.monotonic()
    response = calls.call(priced.origin, "POST", "/priced/v1/chat/completions", body)
    record = records.of(priced, response)
    seconds = time.monotonic() - began
    assert record["level"] == "INFO" and record["timestamp"].endswith("Z")
    expected = {
        "key": "web", "metadata": {"cost_center": "7", "team": "Blue"}, "server": "priced",
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.response.model": "m-2026",
        "http.response.status_code": 200, "attempts": 1, "request_bytes": len(body),
        "response_bytes": len(response.body), "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 6, "requests": 1, "function": "local",
    }  # fmt: skip
    assert {name: record.get(name) for name in expected} == expected
    assert record["cost"] == pytest.approx(COST)
    assert (
        0 <= record["gen_ai.server.time_to_first_token"] <= record["gen_ai.server.request.duration"] <= seconds + 0.001
    )
    assert not {"error.type", "estimated", "stream", "store_failures", "http.request.method"} & set(record)
    assert set(record) <= set(record_fields.FIELDS)


def test_the_record_declares_its_metrics(upstream, priced):
    upstream.script(answers.plain({**answers.completion(), "usage": USAGE}))
    declared = metrics(
        records.of(priced, calls.call(priced.origin, "POST", "/priced/v1/chat/completions", calls.chat()))
    )
    assert set(declared) == {("function",), ("function", "key")}
    assert set(declared["function", "key"]) == set(record_fields.BY_KEY)
    for units in declared.values():
        assert units == {name: record_fields.METRICS[name] for name in units}


def test_a_stream_has_its_times_and_its_tokens(upstream, priced):
    go_on = threading.Event()
    chunk = answers.event({**answers.delta("Hi"), "choices": [], "usage": USAGE})
    steps = [(None, answers.event(answers.delta("Hi"))), (go_on, chunk), (None, answers.event("[DONE]"))]
    upstream.script(answers.stepwise(steps))
    with calls.opened(priced.origin, "POST", "/priced/v1/chat/completions", calls.chat(stream=True)) as (head, pieces):
        first = next(pieces)
        assert b"Hi" in first
        go_on.set()
        rest = b"".join(pieces)
        # The caller didn't ask for usage.
        assert b"usage" not in rest and rest.endswith(b"data: [DONE]\n\n")
    record = records.of(priced, head)
    assert record["stream"] is True and record["gen_ai.usage.output_tokens"] == 4 and "estimated" not in record
    assert 0 <= record["gen_ai.server.time_to_first_token"] <= record["gen_ai.server.request.duration"]
    assert record["gen_ai.server.time_per_output_token"] >= 0
    sent = upstream.request().json
    assert sent["stream_options"] == {"include_usage": True}


def test_a_caller_that_asks_for_usage_gets_it(upstream, priced):
    last = answers.event({**answers.delta(), "choices": [], "usage": USAGE})
    parts = [answers.event(answers.delta("Hi")), last, answers.event("[DONE]")]
    upstream.script(answers.pieces(parts))
    body = calls.chat(stream=True, stream_options={"include_usage": True})
    response = calls.call(priced.origin, "POST", "/priced/v1/chat/completions", body)
    assert response.body == b"".join(parts)
    assert upstream.request().body == body


def test_a_broken_stream_is_charged_by_an_estimate(upstream, priced):
    upstream.script(answers.pieces([answers.event(answers.delta("Hi"))] * 3))
    body = calls.chat(stream=True)
    record = records.of(priced, calls.call(priced.origin, "POST", "/priced/v1/chat/completions", body))
    assert (record["level"], record["error.type"], record["estimated"]) == ("WARN", "upstream_truncated", True)
    assert record["gen_ai.usage.output_tokens"] == 3 and record["upstream_errors"] == 1
    assert record["cost"] == pytest.approx(len(body.rstrip()) // 4 * 0.001 + 3 * 0.002, rel=0.3)


# As in docs/usage.md: the usage, and its input, the part of it that came from the cache, and the output.
FORMS = [
    (
        {"prompt_tokens": 368, "completion_tokens": 19, "total_tokens": 10923, "cache_read_input_tokens": 10536},
        (10904, 10536, 19),
    ),
    (
        {"input_tokens": 20, "cache_read_input_tokens": 9, "cache_creation_input_tokens": 1, "output_tokens": 5},
        (30, 9, 5),
    ),
    ({"prompt_cache_hit_tokens": 10, "prompt_cache_miss_tokens": 5, "completion_tokens": 2}, (15, 10, 2)),
    (
        {"prompt_tokens": 12, "completion_tokens": 5, "cached_tokens": 4, "input_tokens": 0, "output_tokens": 0},
        (12, 4, 5),
    ),
    ({"prompt_tokens": 12.0, "completion_tokens": -1, "cost": float("nan")}, (12, None, 0)),
    ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, (0, None, 0)),
]


@pytest.mark.parametrize("place", ["beside", "choice", "x_groq"])
@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("usage, counted", FORMS)
def test_usage_is_read_in_the_formats_of_all_providers(upstream, priced, usage, counted, streams, place):
    choice = {"index": 0, "delta": {}, "logprobs": {"content": [{"logprob": float("-inf")}]}}
    last = {
        "beside": {"choices": [choice], "usage": usage},
        "choice": {"choices": [{**choice, "usage": usage}], "usage": None},
        "x_groq": {"choices": [choice], "x_groq": {"id": "r", "usage": usage}},
    }[place]
    if streams:
        first = {**answers.delta("Hi"), "usage": None}
        upstream.script(answers.pieces([answers.event(first), answers.event(last), answers.event("[DONE]")]))
    else:
        upstream.script(answers.plain(last))
    response = calls.call(priced.origin, "POST", "/priced/v1/chat/completions", calls.chat(stream=streams))
    record = records.of(priced, response)
    names = ["input_tokens", "cache_read.input_tokens", "output_tokens"]
    assert tuple(record.get(f"gen_ai.usage.{name}") for name in names) == counted
    assert "estimated" not in record and response.status == 200 and "error.type" not in record


FAILURES = [
    ("POST", CHAT, {"key": None}, 401, "caller_invalid_api_key", "caller_errors"),
    ("POST", CHAT, {"body": b"{"}, 400, "caller_invalid_json", "caller_errors"),
    ("POST", "/nowhere/v1/chat/completions", {}, 404, "caller_unknown_server", "caller_errors"),
    ("POST", "/scripted/v1/files", {}, 404, "policy_endpoint_not_open", "policy_errors"),
    ("POST", "/refusing/v1/chat/completions", {}, 502, "upstream_refused", "upstream_errors"),
    ("POST", "/incomplete/v1/chat/completions", {}, 500, "proxy_server_misconfigured", "proxy_errors"),
]


@pytest.mark.parametrize("method, path, options, status, kind, metric", FAILURES)
def test_a_failure_says_whose_fault_it_was(proxy, call, method, path, options, status, kind, metric):
    response = call(method, path, options.pop("body", calls.chat()), **options)
    record = records.of(proxy, response)
    assert (response.status, record["http.response.status_code"], record["error.type"]) == (status, status, kind)
    assert record["level"] == ("INFO" if kind.startswith(("caller", "policy")) else "WARN")
    assert record[metric] == 1 and record["requests"] == 1
    assert record["key"] == ("none" if options else "tests")
    assert metric in metrics(record)[("function",)]


REFUSED = [
    ("POST", CHAT, {"key": None}, "POST", CHAT),
    ("GET", f"/nowhere/v1/{calls.KEY}?key={calls.KEY}", {}, "GET", "/nowhere/v1/[redacted]"),
    ("GET", "/" + "a/" * 5000, {"key": None}, "GET", "/" + "a/" * 99 + "a…"),
    ("DELETE", "/scripted/v1/models", {}, "DELETE", "/scripted/v1/models"),
    ("GET", "/scripted/v1/sk-proj-0123456789abcdef", {}, "GET", "/scripted/v1/[redacted]"),
    ("GET", "/a%0Ab/%22%5C", {"key": None}, "GET", '/a b/"\\'),
    ("PROPFIND", "/v1/models", {}, "_OTHER", "/v1/models"),
]


@pytest.mark.parametrize("method, path, options, shown_method, shown_path", REFUSED)
def test_a_refused_request_is_recorded_with_its_method_and_path(
    proxy, call, method, path, options, shown_method, shown_path
):
    record = records.of(proxy, call(method, path, **options))
    assert (record["http.request.method"], record["url.path"]) == (shown_method, shown_path)
    assert set(record) <= set(record_fields.FIELDS)


@pytest.mark.parametrize(
    "status, kind", [(400, "caller_400"), (401, "upstream_401"), (429, "upstream_429"), (500, "upstream_500")]
)
def test_an_upstreams_error_is_attributed_by_its_status(upstream, proxy, call, status, kind):
    upstream.script(answers.plain(answers.error(), status=status))
    record = records.of(proxy, call("POST", CHAT, calls.chat()))
    assert (record["error.type"], record["http.response.status_code"]) == (kind, status)


@pytest.mark.parametrize("level, shows_success", [("INFO", True), ("WARN", False)])
def test_the_log_level_is_obeyed(upstream, start, level, shows_success):
    program = start(PRICED.format(up=upstream.origin), AWS_LAMBDA_LOG_LEVEL=level)
    upstream.script(answers.plain(answers.completion()))
    good = calls.call(program.origin, "POST", "/priced/v1/chat/completions", calls.chat())
    upstream.script(answers.plain(answers.error(), status=500))
    bad = calls.call(program.origin, "POST", "/priced/v1/chat/completions", calls.chat())
    assert records.of(program, bad)["level"] == "WARN"
    assert (good.header("x-proxy-request-id") in program.log) is shows_success


@pytest.mark.parametrize("path", ["/health", "/health/", "/health?a=b"])
def test_health_needs_no_key_and_is_not_logged(proxy, call, path):
    responses = [call("GET", path, key=None), call("HEAD", path, key=None)]
    assert [response.status for response in responses] == [200, 200] and responses[0].json == {"status": "ok"}
    assert call("POST", path, key=None).status == 405
    records.of(proxy, call("GET", "/v1/models"))
    assert not [response for response in responses if response.header("x-proxy-request-id") in proxy.log]


@lambda_process.asynchronous
async def test_the_trace_id_is_x_rays(upstream):
    async with lambda_process.running(PRICED.format(up=upstream.origin)) as (api, process):
        await api.ask(event("GET", "/v1/models"), trace="Self=1-2-3;Root=1-6b01ea30-3f1e5a7c;Parent=5;Sampled=1")
        await api.polled()
    (record,) = filter(None, map(records.parsed, process.lines))
    assert record["trace_id"] == "1-6b01ea30-3f1e5a7c"


@pytest.mark.parametrize("format", ["JSON", "Text", ""])
@lambda_process.asynchronous
async def test_on_lambda_records_are_json_whatever_the_log_format(upstream, format):
    """Metrics are made from records, and a function that sets no format gets Text."""
    table = PRICED.format(up=upstream.origin)
    async with lambda_process.running(table, AWS_LAMBDA_LOG_FORMAT=format, FORCE_COLOR="1") as (api, process):
        await api.ask(event("GET", "/v1/models"))
        await api.polled()
    (record,) = filter(None, map(records.parsed, process.lines))
    assert record["requests"] == 1 and "requests" in metrics(record)[("function",)]
    assert "\x1b" not in process.log


MARKS = "\u0301\u0316" * 30_000


@pytest.mark.parametrize("model", ["a" + MARKS, MARKS])
def test_a_model_name_of_many_combining_marks_does_not_make_a_long_line(upstream, aliased, model):
    upstream.script(answers.plain(answers.completion()))
    response = calls.call(aliased.origin, "POST", "/priced/v1/chat/completions", calls.chat(model=model))
    line = next(
        line for line in aliased.log_with(response.header("x-proxy-request-id")).splitlines() if MARKS[:9] in line
    )
    assert len(line) < 4096


def test_usage_is_charged_even_if_the_stream_had_nothing_else(upstream, priced):
    usage = answers.event({**answers.delta(), "choices": [], "usage": USAGE})
    upstream.script(answers.pieces([usage, answers.event("[DONE]")]))
    response = calls.call(priced.origin, "POST", "/priced/v1/chat/completions", calls.chat(stream=True))
    assert response.body == answers.event("[DONE]")
    assert records.of(priced, response)["cost"] == pytest.approx(COST)


@pytest.mark.parametrize("name", ["event: response.failed\n", ""])
def test_a_failed_response_is_the_providers_failure(upstream, priced, name):
    text = name + 'data: {"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}}\n\n'
    upstream.script(answers.pieces([text.encode()]))
    response = calls.call(priced.origin, "POST", "/priced/v1/responses", calls.chat(stream=True))
    assert response.body == text.encode()
    record = records.of(priced, response)
    assert (record["level"], record["error.type"]) == ("WARN", "upstream_reported_error")
    assert record["upstream_errors"] == 1


@pytest.mark.parametrize("name", ["B\u00fcro", " "])
def test_a_key_that_cannot_be_a_dimension_keeps_the_other_metrics(upstream, start, name):
    program = start(PRICED.format(up=upstream.origin).replace('"Web App", id: web', f'"{name}"'))
    upstream.script(answers.plain(answers.completion()))
    record = records.of(program, calls.call(program.origin, "POST", "/priced/v1/chat/completions", calls.chat()))
    assert "has no metrics of its own" in program.log
    assert record["key"] == name and set(metrics(record)) == {("function",)}
