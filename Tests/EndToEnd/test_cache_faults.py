"""Only whole and good answers are stored: after every fault, a provider that is well again is asked."""

import asyncio
import json

import answers
import cache_answers
import caching
import calls
import certificates
import lambda_process
import pytest
import refusals
import trustme
import well
import wire
from bedrock_faults import healthy as healthy_on_bedrock
from caching import ask
from fault_cells import CUT, EVENT, FINE, KEEPALIVE, WHOLE
from fault_table import BEDROCK_SERVERS, CELLS, SERVERS
from lambda_emulator import event
from lambda_process import asynchronous, running
from many_upstreams import SSE, Upstream
from well import JSON

# Nobody can make these well again: nothing listens there, or nobody trusts it.
UNREACHABLE = ("refused", "unresolvable", "bad_tls")
# Without its end mark, nobody can know whether a stream is whole.
NEVER_STORED = ("end_early_as_expected",)


async def one(api, cell, name):
    messages = [{"role": "user", "content": name}]
    body = calls.chat(stream=cell.stream, name=name, messages=messages)
    return await api.ask(event("POST", f"/{cell.fault}/v1/chat/completions", body))


def cache_field(answer, name="x-cache"):
    return {key.lower(): value for key, value in answer.prelude["headers"].items()}.get(name)


def same(cell, one, other):
    """Keepalives belong to a delivery, not to the response."""
    return one.body.replace(KEEPALIVE, b"").strip(b"\n") == other.body.replace(KEEPALIVE, b"").strip(b"\n")


async def check(api, cell, name, upstream):
    first = await one(api, cell, name)
    shape = (
        CUT if first.kind == "cut" else WHOLE if first.status >= 400 else EVENT if b'{"error"' in first.body else FINE
    )
    assert shape in cell.shapes, f"{shape}: {first.status} {first.body}"
    if cell.fault in UNREACHABLE:
        again = await one(api, cell, name)
        assert (again.status, again.code, cache_field(again)) == (first.status, first.code, "MISS")
        return
    seen = upstream.requests
    upstream.behaviour = healthy_on_bedrock if cell.fault in BEDROCK_SERVERS else well.healthy
    again = await one(api, cell, name)
    if shape == FINE and cell.fault not in NEVER_STORED:
        assert cache_field(again) == "HIT" and same(cell, first, again), again.body
        assert upstream.requests == seen and KEEPALIVE not in again.body
        return
    fine = type(cell)("healthy", cell.stream)
    assert fine.check(name, again.status, again.body, again.kind == "cut") == FINE
    assert cache_field(again) == "MISS" and upstream.requests == seen + 1
    if cell.fault not in NEVER_STORED:
        hit = await one(api, cell, name)
        assert cache_field(hit) == "HIT" and hit.body == again.body and upstream.requests == seen + 1


@asynchronous
async def test_what_a_fault_has_spoiled_is_never_in_the_cache(closed_port, tmp_path):
    """All faults of the table at once, and each provider is well as soon as its fault has been seen."""
    context = certificates.server_context(trustme.CA())
    cells = {f"{cell}": cell for cell in CELLS if cell.fault not in ("writes_behind",)}
    upstreams, servers = {}, {}
    for name, cell in cells.items():
        behaviour, options = SERVERS[cell.fault]
        if cell.fault == "refused":
            place = f"http://127.0.0.1:{closed_port}/v1"
        elif cell.fault == "unresolvable":
            place = "http://nowhere.invalid/v1"
        else:
            upstreams[name] = await Upstream.started(behaviour, context if cell.fault == "bad_tls" else None)
            place = upstreams[name].origin + ("" if cell.fault in BEDROCK_SERVERS else "/v1")
        servers[name.replace("_", "-")] = (place, f"{options}, cache: true")
    variables = certificates.trusting(trustme.CA(), tmp_path)
    async with running(lambda_process.table(**servers), len(cells), **variables) as (api, process):

        async def named(name, cell):
            try:
                await check(_At(api, process, name.replace("_", "-")), cell, name, upstreams.get(name))
            except AssertionError as error:
                return f"{name}: {error}"

        failures = await asyncio.gather(*[named(name, cell) for name, cell in cells.items()])
        assert not list(filter(None, failures)), "\n\n".join(filter(None, failures))
    for upstream in upstreams.values():
        upstream.close()


class _At:
    """Sends a cell's request to the server that the cell has for itself."""

    def __init__(self, api, process, server):
        self.api = api
        self.process = process
        self.server = server

    async def ask(self, asked):
        path = f"/{self.server}/v1/chat/completions"
        asked["rawPath"] = asked["requestContext"]["http"]["path"] = path
        invocation = self.api.invoke(asked)
        answer = await invocation.answer
        # Who asks the same before that joins the request, which has not quite ended.
        while f'"request_id":"{invocation.id}"' not in self.process.log:
            await asyncio.sleep(0.005)
        return answer


TABLE = """
cached: {{url: "{up}/v1", num_retries: 0, cache: true}}
small:  {{url: "{up}/v1", num_retries: 0, cache: {{max_entry_bytes: 2000}}}}
first:  {{url: "{up}/first/v1", num_retries: 0, cache: true, fallbacks: [spare]}}
spare:  {{url: "{up}/spare/v1", num_retries: 0, cache: true}}
page:   {{url: "{up}/page", reverse_proxy: true}}
open:   {{url: "{up}/v1", num_retries: 0, cache: true, endpoints: [audio/speech, "files/*"]}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    return start(TABLE.format(up=session_upstream.origin))


def is_stored(proxy, body, path=caching.CHAT):
    response = ask(proxy, body, path, control="only-if-cached")
    if response.status == 200 and "x-cache" in response.header_names:
        return caching.source(response) == "memory"
    assert (response.status, response.error["code"]) == (504, "not_in_cache"), response.body
    return False


def plain(value, status=200, headers=()):
    return answers.plain(json.dumps(value).encode() if not isinstance(value, bytes) else value, status, headers)


LENGTH = answers.delta(finish="length")
BAD_PLAIN = {
    "empty": answers.raw(200, answers.JSON, b""),
    "white space": answers.raw(200, answers.JSON, b" \n"),
    "null": plain(None),
    "a list": plain([answers.completion()]),
    "a text": plain("Hello"),
    "not whole": plain(json.dumps(answers.completion()).encode()[:-1]),
    "two values": plain(json.dumps(answers.completion()).encode() * 2),
    "a page": answers.raw(200, [("Content-Type", "text/html")], b"<!doctype html><title>Welcome</title>"),
    "a text without a type": answers.raw(200, [], b"Hello"),
    "an error": plain(answers.error()),
    "an error as a text": plain({"error": "Overloaded."}),
    "an error beside a response": plain({**answers.completion(), **answers.error()}),
    "a failed response": plain({**cache_answers.RESPONSE, "status": "failed", "error": {"message": "No."}}),
    "created": plain(answers.completion(), 201),
    "accepted": plain(answers.completion(), 202),
    "non-authoritative": plain(answers.completion(), 203),
    "partial": plain(answers.completion(), 206),
    "bad request": plain(answers.error(), 400),
    "a whole response as an error": plain(answers.completion(), 400),
    "unauthorized": plain(answers.error(), 401),
    "not found": plain(answers.error(), 404),
    "too many": plain(answers.error(), 429),
    "broken": plain(answers.error(), 500),
    "unavailable": plain(answers.completion(), 503),
    "redirected": plain(answers.completion(), 302, [("Location", "http://127.0.0.1:1/")]),
    "a stream": answers.stream("Hello"),
}
BEGIN = answers.event(answers.delta("Hello"))
STOP = answers.event(answers.delta(finish="stop"))
DONE = answers.event("[DONE]")
BAD_STREAMS = {
    "empty": answers.pieces([]),
    "nothing but its end": answers.pieces([DONE]),
    "no end mark": answers.pieces([BEGIN, STOP]),
    "half an end mark": answers.pieces([BEGIN, STOP, b"data: [DO"]),
    "an end mark in a text": answers.pieces([BEGIN, answers.event(answers.delta("data: [DONE]\n\n"))]),
    "an end mark in a comment": answers.pieces([BEGIN, b": data: [DONE]\n\n"]),
    "an end mark of another event": answers.pieces([BEGIN, b"id: [DONE]\n\n"]),
    "an error": answers.pieces([BEGIN, answers.event(answers.error()), DONE]),
    "an error at the end": answers.pieces([BEGIN, STOP, answers.event(answers.error())]),
    "an error event": answers.pieces([BEGIN, b'event: error\ndata: {"message":"No."}\n\n', DONE]),
    "no JSON": answers.pieces([BEGIN, b"data: {]\n\n", DONE]),
    "a plain response": plain(answers.completion()),
    "a page": answers.raw(200, [("Content-Type", "text/html")], b"<!doctype html><title>Welcome</title>"),
    "another status": answers.pieces([BEGIN, STOP, DONE], status=201),
}


CASES = [("plain", name) for name in BAD_PLAIN] + [("stream", name) for name in BAD_STREAMS]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_what_is_not_a_whole_good_answer_is_not_stored(proxy, upstream, case):
    kind, name = case
    body = caching.chat(stream=kind == "stream")
    upstream.script((BAD_PLAIN if kind == "plain" else BAD_STREAMS)[name])
    ask(proxy, body)
    upstream.forget()
    assert not is_stored(proxy, body)


GOOD_STREAMS = {
    "an answer that ends for its length": answers.pieces([BEGIN, answers.event(LENGTH), DONE]),
    # The proxy corrects the type, so the first caller has got a good stream.
    "a wrong type": answers.pieces([BEGIN, STOP, DONE], [("Content-Type", "text/plain")]),
    "something behind the end": answers.pieces([BEGIN, STOP, DONE + b": bye\n\n"]),
}


@pytest.mark.parametrize("name", GOOD_STREAMS)
def test_odd_but_whole_streams_are_repeated_as_they_were(proxy, upstream, name):
    body = caching.chat(stream=True)
    upstream.script(GOOD_STREAMS[name])
    first = ask(proxy, body)
    assert caching.source(ask(proxy, body)) == "memory" and ask(proxy, body).body == first.body


BAD_RESPONSES = {
    "no end": cache_answers.RESPONSE_EVENTS[:-1],
    "failed": [
        cache_answers.RESPONSE_EVENTS[0],
        cache_answers.named(
            "response.failed", 1, response={**cache_answers.RESPONSE, "status": "failed", "error": {"message": "No."}}
        ),
    ],
    "an error": [cache_answers.RESPONSE_EVENTS[0], cache_answers.named("error", 1, message="No.", code="x")],
}


@pytest.mark.parametrize("name", BAD_RESPONSES)
def test_what_is_not_a_whole_response_is_not_stored(proxy, upstream, name):
    path, body = "/cached/v1/responses", {"model": "m", "input": f"{name}?", "stream": True}
    upstream.script(answers.pieces(BAD_RESPONSES[name]))
    ask(proxy, body, path)
    upstream.forget()
    assert not is_stored(proxy, body, path)


CHANGES = [
    ("chat/completions", {"messages": calls.MESSAGES, "store": True}, answers.completion()),
    ("responses", {"input": "Hi", "conversation": "conv_1"}, cache_answers.RESPONSE),
    ("responses", {"input": "Hi", "conversation": {"id": "conv_1"}}, cache_answers.RESPONSE),
    ("responses", {"input": "Hi", "background": True}, cache_answers.RESPONSE),
]


@pytest.mark.parametrize("path, asked, answer", CHANGES)
def test_what_changes_something_at_the_provider_is_always_asked(proxy, upstream, path, asked, answer):
    body = {"model": f"changes {next(caching.NUMBERS)}", **asked}
    for _ in range(2):
        upstream.script(answers.plain(answer))
        response = ask(proxy, body, f"/cached/v1/{path}", control="max-age=60")
        assert response.status == 200 and response.header("x-cache") in (None, "BYPASS")
        upstream.request()
    for key in ("store", "conversation", "background"):
        body[key] = {"store": False, "conversation": None, "background": False}[key]
    upstream.script(*2 * [answers.plain(answer)])
    assert ask(proxy, body, f"/cached/v1/{path}").header("x-cache") in ("MISS", "BYPASS")


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("GET", "/cached/v1/models", b""),
        ("GET", "/page/v1/models", b""),
        ("POST", "/page/v1/chat/completions", calls.chat()),
        ("POST", "/open/v1/audio/speech", calls.chat(input="Hi")),
        ("GET", "/open/v1/files/1", b""),
        ("DELETE", "/open/v1/files/1", b""),
    ],
)
def test_other_requests_are_never_answered_from_the_cache(proxy, upstream, method, path, body):
    for _ in range(2):
        upstream.script(answers.plain({"data": []}))
        response = calls.call(proxy.origin, method, path, body)
        assert response.status == 200 and response.header("x-cache") in (None, "BYPASS")
        upstream.request()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_the_answer_of_a_fallback_is_not_stored(proxy, upstream, stream):
    path, body = "/first/v1/chat/completions", caching.chat(stream=stream)
    good = answers.stream("Hi") if stream else plain(answers.completion())
    upstream.script(plain(answers.error(), 503), good)
    response = ask(proxy, body, path)
    assert response.status == 200 and response.header("x-proxy-server") == "spare"
    for server in ("first", "spare"):
        assert not is_stored(proxy, body, f"/{server}/v1/chat/completions")
    upstream.script(good)
    assert ask(proxy, body, path).header("x-proxy-server") == "first" and is_stored(proxy, body, path)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_what_is_too_long_passes_and_is_not_stored(proxy, upstream, stream):
    path, sizes = "/small/v1/chat/completions", [1000, 3000, 100_000]
    for size in sizes:
        body, words = caching.chat(stream=stream), ["x" * 100] * (size // 100)
        upstream.script(answers.stream(*words) if stream else plain(answers.completion("".join(words))))
        response = ask(proxy, body, path)
        assert response.status == 200 and response.body.count(b"x" * 100) == len(words)
        assert is_stored(proxy, body, path) == (len(response.body) <= 2000)


def test_rate_limits_are_not_repeated(proxy, upstream):
    limits = {"x-ratelimit-remaining-requests": "7", "x-ratelimit-reset-tokens": "6ms", "retry-after": "1"}
    headers = [*limits.items(), ("x-kept", "yes"), ("set-cookie", "a=b")]
    body = caching.chat()
    upstream.script(plain(answers.completion(), headers=headers))
    assert ask(proxy, body).header("x-ratelimit-remaining-requests") == "7"
    hit = ask(proxy, body)
    assert caching.source(hit) == "memory"
    assert not {"x-ratelimit-remaining-requests", "x-ratelimit-reset-tokens"} & hit.header_names


@pytest.mark.parametrize("is_read", [True, False], ids=["gone after the beginning", "gone before it is read"])
@asynchronous
async def test_what_its_caller_did_not_get_is_not_stored(is_read):
    """The response is far longer than what the connection holds."""
    block = answers.event(answers.delta("x" * 10_000))
    upstream = await Upstream.started(
        lambda request: request.send(SSE + wire.chunk(block * 150 + DONE) + wire.LAST_CHUNK)
    )
    chat = lambda_process.chat("server", "gone")
    async with running(lambda_process.table(server=(upstream, "cache: true")), 1) as (api, _):
        gone = api.invoke(chat, reads=is_read)
        await (gone.until(b"xxx") if is_read else gone.begun)
        gone.connection.transport.pause_reading()
        gone.connection.transport.abort()
        await api.polled()
        again = await api.ask(chat)
        assert again.body == block * 150 + DONE
        # The first may have been delivered as a whole before the caller was gone.
        assert cache_field(again) == ("MISS" if upstream.requests == 2 else "HIT")
    upstream.close()


@asynchronous
async def test_an_early_response_that_failed_is_not_stored():
    """Its head had been sent with status 200 before the provider refused."""
    waiting = []
    upstream = await Upstream.started(waiting.append)
    chat = lambda_process.chat("server", "early")
    options = "keepalive_seconds: 0.05, num_retries: 0, cache: true"
    async with running(lambda_process.table(server=(upstream, options)), 1) as (api, _):
        early = api.invoke(chat)
        await early.until(b": keepalive")
        waiting[0].send(well.whole(429, json.dumps(refusals.OVERLOADED).encode(), JSON))
        assert (await early.answer).code == "overloaded"
        await api.polled()
        asked = api.invoke(chat)
        await upstream.asked(2)
        well.healthy(waiting[1])
        assert same(None, await asked.answer, await api.ask(chat)) and upstream.requests == 2
    upstream.close()
