"""Conformance: AWS's own emulator understands the proxy's framing, errors and trailers."""

import asyncio
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import threading

import answers
import calls
import lambda_process
import programs
import pytest
from lambda_emulator import LambdaEmulator, event

CHAT = "/scripted/v1/chat/completions"
TASK = pathlib.Path("/var/task")
MARK = TASK / "made-by-the-tests"  # A killed run may have left the folder behind.
SLOTS = 4


@pytest.fixture(scope="module")
def servers(session_upstream):
    key = '{name: tests, key: "${TEST_KEY}"}'
    return f'scripted: {{url: "{session_upstream.origin}/v1", token: t}}\nsettings: {{virtual_keys: [{key}]}}\n'


@contextlib.contextmanager
def emulator(*arguments, **options):
    program = LambdaEmulator(*arguments, **options)
    try:
        yield program
    finally:
        program.stop()


@pytest.fixture(scope="module")
def classic(servers, tmp_path_factory):
    with emulator(servers, tmp_path_factory.mktemp("classic"), programs.BOOTSTRAP) as program:
        yield program


@pytest.fixture(scope="module")
def managed(servers):
    """A managed instance. The emulator starts it as an unprivileged user, who can't read the checkout."""
    if os.geteuid() != 0:
        pytest.skip("the emulator starts managed instances only as root")
    if TASK.exists() and not MARK.exists():
        pytest.skip("/var/task exists already and is not ours")
    TASK.mkdir(parents=True, exist_ok=True)
    try:
        MARK.touch()
        shutil.copy(programs.BOOTSTRAP, TASK / "bootstrap")
        with emulator(servers, TASK, TASK / "bootstrap", slots=SLOTS) as program:
            yield program
    finally:
        shutil.rmtree(TASK)


@pytest.fixture(params=["classic", "managed"])
def rie(request):
    return request.getfixturevalue(request.param)


def is_served(rie, upstream):
    upstream.script(answers.stream("Still here."))
    return rie.ask(event("POST", CHAT, calls.chat(stream=True)))[1] == answers.stream_bytes("Still here.")


def test_a_stream_has_its_prelude_and_its_bytes(upstream, rie):
    upstream.script(answers.stream("Grüezi 👋"))
    prelude, body = rie.ask(event("POST", CHAT, calls.chat(stream=True)))
    assert prelude["statusCode"] == 200
    assert prelude["headers"]["content-type"].startswith("text/event-stream")
    assert body == answers.stream_bytes("Grüezi 👋")


def test_a_base64_body_is_decoded(upstream, rie):
    upstream.script(answers.plain({}))
    rie.ask(event("POST", CHAT, calls.chat(x="ü"), encode=True))
    assert upstream.request().body == calls.chat(x="ü")


@pytest.mark.parametrize("wrong", [{"key": "wrong", "status": 401}, {"path": "/nosuch/v1/models", "status": 404}])
def test_an_error_has_a_prelude_too(upstream, rie, wrong):
    prelude, body = rie.ask(event("POST", wrong.get("path", CHAT), calls.chat(), wrong.get("key", calls.KEY)))
    assert prelude["statusCode"] == wrong["status"]
    assert json.loads(body)["error"]["message"]
    assert is_served(rie, upstream)


@pytest.mark.parametrize("payload", [{"hello": "world"}, [], "text", {"version": "2.0"}, {"Records": []}], ids=repr)
def test_an_event_that_is_not_http_is_a_function_error_and_the_next_is_served(upstream, rie, payload):
    _, _, body = rie.invoke(payload)
    assert json.loads(body)["errorType"].startswith("Function.")
    assert json.loads(body)["errorMessage"]
    assert is_served(rie, upstream)


def break_off(exchange):
    exchange.start(200, answers.SSE)
    exchange.chunk(answers.event(answers.delta("Half")))
    exchange.reset()


def test_a_stream_that_breaks_off_ends_with_an_error_event(upstream, classic):
    upstream.script(break_off)
    _, body = classic.ask(event("POST", CHAT, calls.chat(stream=True)))
    whole = answers.event(answers.delta("Half"))
    assert body.startswith(whole)
    assert json.loads(body.removeprefix(whole).removeprefix(b"data: "))["error"]["message"]
    assert is_served(classic, upstream)


def test_the_trailers_of_a_stream_that_breaks_off_are_decoded(upstream, managed):
    upstream.script(break_off)
    _, _, body = managed.invoke(event("POST", CHAT, calls.chat(stream=True)))
    told = json.loads(body)
    assert told["errorType"].startswith("Function.")
    assert told["errorMessage"]
    assert is_served(managed, upstream)


def test_a_managed_instance_serves_several_requests_at_once(upstream, managed):
    everyone = threading.Barrier(SLOTS, timeout=programs.PATIENCE)

    def echo(exchange):
        everyone.wait()
        answers.stream(exchange.request.json["name"])(exchange)

    upstream.always = echo
    bodies = [calls.chat(stream=True, name=f"request-{i}") for i in range(SLOTS)]
    with concurrent.futures.ThreadPoolExecutor(SLOTS) as pool:
        got = list(pool.map(lambda body: managed.ask(event("POST", CHAT, body))[1], bodies))
    assert got == [answers.stream_bytes(f"request-{i}") for i in range(SLOTS)]


def torn(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 4_000_000)
    exchange.reset()


@pytest.mark.parametrize(
    ("script", "payload"),
    [
        (answers.stream("Grüezi"), event("POST", CHAT, calls.chat(stream=True))),
        (answers.plain({"id": "a"}), event("POST", CHAT, calls.chat())),
        (None, event("POST", CHAT, calls.chat(), key="wrong")),
        (None, {"hello": "world"}),
        (break_off, event("POST", CHAT, calls.chat(stream=True))),
        (torn, event("POST", CHAT, calls.chat())),
    ],
    ids=["stream", "plain", "refused", "no HTTP event", "breaks off", "cut"],
)
def test_the_tests_runtime_api_gets_the_same_as_the_emulator(upstream, servers, managed, script, payload):
    """So what the other tests show with it also applies to AWS's own program."""
    for _ in range(2 if script else 0):
        upstream.script(script)

    async def played():
        async with lambda_process.running(servers) as (api, _):
            return await api.ask(payload)

    ours = asyncio.run(played())
    assert (ours.kind == "cut") == (script is torn)
    _, headers, body = managed.invoke(payload)
    failure = {"cut": {"errorType": "Runtime.TruncatedResponse"}}.get(ours.kind) or ours.failure
    if failure:
        theirs = json.loads(body)
        assert {name: theirs.get(name) for name in failure} == failure
    else:
        prelude, mark, rest = body.partition(bytes(8))
        assert mark and rest == ours.body
        assert without_id(json.loads(prelude)) == without_id(ours.prelude)
        assert headers["content-type"] == ours.headers["content-type"]


def without_id(prelude):
    ids = ("x-proxy-request-id", "x-request-id")
    return {**prelude, "headers": {k: v for k, v in prelude["headers"].items() if k not in ids}}
