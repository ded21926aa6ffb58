"""What the tests of the cache have in common: how a response says where it came from, and texts that nobody repeats."""

import contextlib
import itertools
import json

import answers
import calls
import http_sf
import programs

CHAT = "/cached/v1/chat/completions"
NUMBERS = itertools.count(1)
# What differs between the first response and a hit, and belongs to neither's content. An `x-request-id` is the proxy's
# own if the provider has sent none.
OF_THE_REQUEST = {
    "x-amzn-requestid", "x-proxy-request-id", "x-request-id", "x-proxy-attempts", "cache-status", "x-cache", "age",
    "date",
}  # fmt: skip


def question():
    """Messages that no other test has sent."""
    return [{"role": "user", "content": f"Question {next(NUMBERS)}"}]


def source(response):
    """Where a response came from: the layer of a hit, `collapsed`, or why it was forwarded.

    Everything that is said about it must agree.
    """
    ((name, said),) = http_sf.parse(response.header("cache-status").encode(), tltype="list")
    assert str(name) == "lambda-openai-proxy"
    age, short = response.header("age"), response.header("x-cache")
    if "hit" in said:
        assert said["hit"] is True and "fwd" not in said and said["ttl"] >= 0
        assert int(age) >= 0 and short == "HIT" and response.header("x-proxy-attempts") in ("0", None)
        return str(said["detail"])
    assert age is None and set(said) <= {"fwd", "collapsed"}, said
    why = str(said["fwd"])
    assert why in ("uri-miss", "stale", "request", "bypass")
    assert short == ("BYPASS" if why == "bypass" else "MISS")
    return "collapsed" if said.get("collapsed") else why


def lifetime(response):
    """The age of a hit, and the time for which it is still good."""
    ((_, said),) = http_sf.parse(response.header("cache-status").encode(), tltype="list")
    return int(response.header("age")), said["ttl"]


def content_fields(response):
    """The header fields that a hit has from the first response."""
    return sorted(
        (name.lower(), value)
        for name, value in response.headers
        if name.lower() not in OF_THE_REQUEST and not name.lower().startswith("x-ratelimit-")
    )


def ask(proxy, body=None, path=CHAT, control=None, headers=None, key=calls.KEY):
    """Call a proxy; `control` is the request's Cache-Control."""
    headers = {**(headers or {}), **({} if control is None else {"Cache-Control": control})}
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return calls.call(proxy.origin, "POST", path, body, headers=headers, key=key)


def chat(messages=None, **more):
    """The body of a chat completion that no other test has sent, unless the messages are given."""
    return {"model": "m", "messages": messages or question(), **more}


def answers_once(upstream, text="Hello"):
    """Script one plain answer."""
    upstream.script(answers.plain(answers.completion(text)))


def text(response):
    """The text of a plain chat completion."""
    assert response.status == 200, response.body
    return response.json["choices"][0]["message"]["content"]


@contextlib.contextmanager
def proxy(table, *options, **variables):
    """A proxy that ends with the block, so that the next one may find what it has left."""
    program = programs.FunctionURL(table, *options, **{"TEST_KEY": calls.KEY, **variables})
    try:
        yield program
    finally:
        program.stop()
