"""Which requests are the same to the cache, and which are not."""

import json

import answers
import cache_answers
import caching
import pytest
from caching import ask

TABLE = """
cached:
  {{url: "{up}/v1", num_retries: 0, cache: true, model: filled-in, model_aliases: {{nick: long-name}},
    forward_headers: [OpenAI-Organization]}}
twin:    {{url: "{up}/v1", num_retries: 0, cache: true}}
certain: {{url: "{up}/v1", num_retries: 0, cache: {{only_deterministic: true}}}}
settings:
  virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]
"""


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    return start(TABLE.format(up=session_upstream.origin))


ASKED = {
    "model": "m",
    "messages": [{"role": "user", "content": 'Zürich "1" / 😀 é'}],
    "temperature": 0.5,
    "max_tokens": 100,
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
}


def reordered(value):
    """The same with the members of every object in reverse order."""
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(element) for element in value] if isinstance(value, list) else value


def with_members(**more):
    return json.dumps({**ASKED, **more}).encode()


def spelled(old, new):
    """The request with another spelling of a part."""
    spelling = json.dumps(ASKED, ensure_ascii=False).encode()
    assert spelling.count(old) == 1
    return spelling.replace(old, new)


SAME = {
    "itself": json.dumps(ASKED).encode(),
    "order": json.dumps(reordered(ASKED)).encode(),
    "no white space": json.dumps(ASKED, separators=(",", ":")).encode(),
    "white space": b" \r\n\t" + json.dumps(ASKED, indent="\t").encode() + b"\r\n ",
    "no escapes": json.dumps(ASKED, ensure_ascii=False).encode(),
    "more escapes": spelled("Zürich".encode(), b"\\u005a\\u00FC\\u0072ich"),
    "escaped solidus": spelled(b" / ", b" \\/ "),
    "escaped surrogates": spelled("😀".encode(), b"\\ud83d\\uDE00"),
    "escaped names": spelled(b'"temperature"', b'"t\\u0065mperature"'),
    "zeros": spelled(b"0.5", b"0.500"),
    "exponent": spelled(b"0.5", b"5e-1"),
    "capital exponent": spelled(b"0.5", b"50.0E-02"),
    "fraction": spelled(b"100", b"100.0"),
    "thousands": spelled(b"100", b"1E+2"),
    "no stream": with_members(stream=False),
    "user": with_members(user="u"),
    "another user": with_members(user="someone else"),
    "safety_identifier": with_members(safety_identifier="s"),
    "prompt_cache_key": with_members(prompt_cache_key="k"),
    "prompt_cache_retention": with_members(prompt_cache_retention="24h"),
    "metadata": with_members(metadata={"a": "b"}),
}
DIFFERENT = {
    "another letter": spelled("Zürich".encode(), b"Zurich"),
    "white space in a text": spelled(b" / ", b" /  "),
    "composed letters": spelled("é".encode(), "e\u0301".encode()),
    "a null character": spelled(b" / ", b" \\u0000/ "),
    "half of a pair": spelled("😀".encode(), b"\\ud83d"),
    "the other half": spelled("😀".encode(), b"\\ude00"),
    "another half": spelled("😀".encode(), b"\\ud83c"),
    "temperature": with_members(temperature=0.51),
    "close to temperature": with_members(temperature=0.5000000001),
    "number as text": with_members(temperature="0.5"),
    "negative": with_members(temperature=-0.5),
    "null": with_members(temperature=None),
    "max_tokens": with_members(max_tokens=101),
    "ten times max_tokens": spelled(b"100", b"100e1"),
    "no max_tokens": json.dumps({name: value for name, value in ASKED.items() if name != "max_tokens"}).encode(),
    "seed": with_members(seed=1),
    "large seed": spelled(b"100", b'100, "seed": 12345678901234567890'),
    "next large seed": spelled(b"100", b'100, "seed": 12345678901234567891'),
    "true": with_members(logprobs=True),
    "false": with_members(logprobs=False),
    "one": with_members(logprobs=1),
    "empty list": with_members(stop=[]),
    "empty object": with_members(stop={}),
    "stop": with_members(stop=["a", "b"]),
    "stop in another order": with_members(stop=["b", "a"]),
    "nested stop": with_members(stop=[["a"], "b"]),
    "differently nested stop": with_members(stop=["a", ["b"]]),
    "text like members": with_members(stop='a","logprobs":"b'),
    "members like text": with_members(stop="a", logprobs="b"),
    "model": with_members(model="M"),
    "n": with_members(n=2),
    "messages": with_members(messages=[*ASKED["messages"], *ASKED["messages"]]),
    "nested user": with_members(response_format={"user": "u"}),
    "another nested user": with_members(response_format={"user": "v"}),
    "nested stream": with_members(response_format={"stream": False}),
    "unknown member": with_members(xyz=1),
    "capital letter": with_members(User="u"),
    "empty name": with_members(**{"": 1}),
    "stream_options": with_members(stream_options=None),
}


@pytest.fixture(scope="module")
def known(proxy, session_upstream):
    """The request, with its response in the cache."""
    session_upstream.forget()
    caching.answers_once(session_upstream, "the first")
    assert caching.text(ask(proxy, ASKED)) == "the first"


@pytest.mark.parametrize("spelling", SAME)
def test_the_spelling_of_a_request_does_not_matter(proxy, upstream, known, spelling):
    response = ask(proxy, SAME[spelling])
    assert (caching.source(response), caching.text(response)) == ("memory", "the first")
    assert upstream.saw_nothing


@pytest.mark.parametrize("difference", DIFFERENT)
def test_every_other_difference_matters(proxy, upstream, known, difference):
    caching.answers_once(upstream, difference)
    response = ask(proxy, DIFFERENT[difference])
    assert (caching.source(response), caching.text(response)) == ("uri-miss", difference)
    for body, text in [(DIFFERENT[difference], difference), (json.dumps(ASKED).encode(), "the first")]:
        hit = ask(proxy, body)
        assert (caching.source(hit), caching.text(hit)) == ("memory", text)


def test_a_member_that_comes_twice_is_never_taken_for_one(proxy, upstream, known):
    """Parsers differ in which one they use, so nobody knows which question the provider has answered."""
    for twice in [
        spelled(b'"model"', b'"temperature": 1, "model"'),
        spelled(b'"model"', b'"messages": [], "model"'),
        spelled(b'"role"', b'"content": "Something else", "role"'),
    ]:
        upstream.script(answers.plain(answers.completion("of two")))
        response = ask(proxy, twice)
        assert response.status == 400 or caching.text(response) == "of two"
    assert caching.text(ask(proxy, ASKED)) == "the first"


def test_streams_and_plain_responses_are_kept_apart(proxy, upstream):
    messages = caching.question()
    options = {"stream": True, "stream_options": {"include_usage": True}}
    plain, stream, usage = ({}, {"stream": True}, options)
    upstream.script(
        answers.plain(answers.completion("plain")), answers.stream("stream"), answers.pieces(cache_answers.EVENTS)
    )
    first = [ask(proxy, caching.chat(messages, **asked)) for asked in (plain, stream, usage)]
    assert [caching.source(response) for response in first] == 3 * ["uri-miss"]
    second = [ask(proxy, caching.chat(messages, **asked)) for asked in (plain, stream, usage)]
    assert [caching.source(response) for response in second] == 3 * ["memory"]
    assert [response.body for response in second] == [response.body for response in first]


@pytest.mark.parametrize("field", ["OpenAI-Beta", "OpenAI-Organization"])
def test_header_fields_that_the_provider_gets_matter(proxy, upstream, field):
    body = caching.chat()
    for value in (None, "one", "two", "one, two"):
        caching.answers_once(upstream, str(value))
        assert caching.source(ask(proxy, body, headers={field: value} if value else {})) == "uri-miss"
    for value in (None, "one", "two", "one, two"):
        response = ask(proxy, body, headers={field: value} if value else {})
        assert (caching.source(response), caching.text(response)) == ("memory", str(value))


def test_other_header_fields_do_not_matter(proxy, upstream):
    body = caching.chat()
    caching.answers_once(upstream)
    for number in range(3):
        headers = {"User-Agent": f"agent {number}", "X-Stainless-Retry-Count": str(number), "X-Custom": str(number)}
        headers["traceparent"] = f"00-{number:032x}-{number + 1:016x}-01"
        response = ask(proxy, body, headers=headers)
        assert caching.source(response) == ("memory" if number else "uri-miss")


def test_the_query_matters(proxy, upstream):
    body = caching.chat()
    for query in ("", "?a=1", "?a=2", "?a=1&b=2"):
        caching.answers_once(upstream, query)
        assert caching.source(ask(proxy, body, caching.CHAT + query)) == "uri-miss"
    for query in ("", "?a=1", "?a=2", "?a=1&b=2"):
        assert caching.text(ask(proxy, body, caching.CHAT + query)) == query


def test_servers_have_entries_of_their_own_even_at_the_same_url(proxy, upstream):
    body = caching.chat()
    for server in ("cached", "twin"):
        caching.answers_once(upstream, server)
        response = ask(proxy, body, f"/{server}/v1/chat/completions")
        assert (caching.source(response), caching.text(response)) == ("uri-miss", server)


def test_names_that_mean_the_same_model_have_the_same_entry(proxy, upstream):
    messages = caching.question()
    for names, model in [(("nick", "long-name"), "long-name"), ((None, "filled-in"), "filled-in")]:
        caching.answers_once(upstream, model)
        for number, name in enumerate(names):
            body = {"messages": messages} if name is None else {"model": name, "messages": messages}
            response = ask(proxy, body)
            assert caching.source(response) == ("memory" if number else "uri-miss"), name
            assert caching.text(response) == model
        assert upstream.request().json["model"] == model


@pytest.mark.parametrize("member", ["user", "safety_identifier", "prompt_cache_key", "metadata"])
def test_members_that_a_response_repeats_matter_there(proxy, upstream, member):
    messages = caching.question()[0]["content"]
    values = [{"a": "b"}, {"a": "c"}] if member == "metadata" else ["a", "b"]
    for value in values:
        upstream.script(answers.plain({**cache_answers.RESPONSE, member: value}))
        response = ask(proxy, {"model": "m", "input": messages, member: value}, "/cached/v1/responses")
        assert caching.source(response) == "uri-miss"
    for value in values:
        response = ask(proxy, {"model": "m", "input": messages, member: value}, "/cached/v1/responses")
        assert caching.source(response) == "memory" and response.json[member] == value


@pytest.mark.parametrize(
    "path, asked, is_certain",
    [
        ("chat/completions", {}, False),
        ("chat/completions", {"temperature": 1}, False),
        ("chat/completions", {"temperature": 0.0001}, False),
        ("chat/completions", {"temperature": "0"}, False),
        ("chat/completions", {"seed": None}, False),
        ("chat/completions", {"temperature": 0}, True),
        ("chat/completions", {"temperature": 0.0}, True),
        ("chat/completions", {"seed": 7}, True),
        ("chat/completions", {"seed": -7, "temperature": 1}, True),
        ("embeddings", {"input": "Hi"}, True),
        ("moderations", {"input": "Hi"}, True),
    ],
)
def test_only_requests_with_certain_answers_are_cached_if_the_table_says_so(proxy, upstream, path, asked, is_certain):
    messages = caching.question() if path == "chat/completions" else []
    body = {"model": "m", **({"messages": messages} if messages else {}), **asked}
    made = {"embeddings": cache_answers.EMBEDDINGS, "moderations": cache_answers.MODERATION}
    upstream.script(*2 * [answers.plain(made.get(path, answers.completion()))])
    sources = [caching.source(ask(proxy, body, f"/certain/v1/{path}")) for _ in range(2)]
    assert sources == (["uri-miss", "memory"] if is_certain else ["bypass", "bypass"])
