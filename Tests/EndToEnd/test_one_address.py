"""The address that all servers share: the model in the body, or in Azure's path, says which server is asked."""

import json
import re

import answers
import calls
import openai
import programs
import pytest
import records

TABLE = """
first:  {{url: "{up}/first/v1", model: first-model, model_aliases: {{nick: long-name}}}}
second:
  {{url: "{up}/second/v1", model: second-model, num_retries: 0, input_cost_per_token: 1, output_cost_per_token: 1}}
bare:   {{url: "{up}/bare/v1"}}
unset:  {{url: "{up}/unset/v1", model: m, token: "${{A_VARIABLE_THAT_IS_NOT_SET}}"}}
page:   {{url: "{up}/page", reverse_proxy: true}}
settings:
  virtual_keys:
    - {{name: tests, key: "${{TEST_KEY}}"}}
    - {{name: narrow, key: a-key-for-one-server, allowed_servers: [second], allowed_models: [second-*]}}
    - {{name: named, key: a-key-for-one-name, allowed_models: [chain]}}
    - {{name: poor, key: a-key-for-one-request, rpm: 1}}
    - {{name: counted, key: a-key-with-a-limit-of-tokens, tpm: 1000000}}
  models:
    quick: first/nick
    chain: [second/second-model, first/other]
    first/taken: second/second-large
  default_model: quick
"""

EMBEDDINGS = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}], "model": "e"}


@pytest.fixture(scope="module")
def proxy(session_upstream, start):
    return start(TABLE.format(up=session_upstream.origin))


@pytest.fixture
def sdk(proxy):
    def client(kind=openai.OpenAI, key=calls.KEY):
        return kind(base_url=f"{proxy.origin}/v1", api_key=key, max_retries=0, timeout=programs.PATIENCE)

    return client


@pytest.fixture
def azure(proxy):
    return openai.AzureOpenAI(
        azure_endpoint=proxy.origin,
        api_version="2024-10-21",
        api_key=calls.KEY,
        max_retries=0,
        timeout=programs.PATIENCE,
    )


def asked(upstream):
    """The path and the model of the next request that the upstream got."""
    request = upstream.request()
    return request.target, request.json.get("model")


ROUTES = [
    ("first/first-model", ("/first/v1", "first-model")),
    ("first/", ("/first/v1", "first-model")),
    ("first/nick", ("/first/v1", "long-name")),
    ("bare/org/name:tag", ("/bare/v1", "org/name:tag")),
    ("quick", ("/first/v1", "long-name")),
    ("chain", ("/second/v1", "second-model")),
    ("first/taken", ("/second/v1", "second-large")),
]


@pytest.mark.parametrize("model, route", ROUTES)
def test_the_model_says_which_server_is_asked(proxy, upstream, sdk, model, route):
    base, sent = route
    upstream.script(answers.stream("Hello"))
    chunks = sdk().chat.completions.create(model=model, messages=calls.MESSAGES, stream=True)
    assert [chunk.choices[0].delta.content for chunk in chunks if chunk.choices][0] == "Hello"
    assert asked(upstream) == (f"{base}/chat/completions", sent)
    upstream.script(answers.plain(answers.completion("Hello")))
    response = calls.call(proxy.origin, "POST", "/v1/chat/completions", calls.chat(model=model))
    assert response.status == 200 and response.header("x-proxy-server") == base.split("/")[1]
    record = records.of(proxy, response)
    assert (record["server"], record["gen_ai.request.model"]) == (base.split("/")[1], model)


def test_every_endpoint_takes_the_server_from_the_model(upstream, sdk):
    client = sdk()
    for ask, path, body in [
        (lambda: client.completions.create(model="bare/m", prompt="Hi"), "completions", {"choices": []}),
        (lambda: client.embeddings.create(model="bare/m", input="Hi"), "embeddings", EMBEDDINGS),
        (lambda: client.responses.create(model="bare/m", input="Hi"), "responses", {"id": "r", "output": []}),
        (lambda: client.moderations.create(model="bare/m", input="Hi"), "moderations", {"id": "m", "results": []}),
    ]:
        upstream.script(answers.plain(body))
        ask()
        assert asked(upstream) == (f"/bare/v1/{path}", "m")


def test_without_a_model_the_default_is_asked(proxy, upstream):
    for body in [{}, {"model": ""}]:
        upstream.script(answers.plain(answers.completion("Hello")))
        response = calls.call(
            proxy.origin, "POST", "/v1/chat/completions", json.dumps({**body, "messages": calls.MESSAGES}).encode()
        )
        assert response.status == 200 and asked(upstream) == ("/first/v1/chat/completions", "long-name")
    upstream.script(answers.plain({"id": "m", "results": []}))
    assert calls.call(proxy.origin, "POST", "/v1/moderations", b'{"input": "Hi"}').status == 200
    assert asked(upstream) == ("/first/v1/moderations", None)


def test_a_list_of_models_is_a_chain_of_fallbacks(proxy, upstream):
    upstream.script(answers.plain(answers.error("Overloaded.", "server_error"), 503))
    upstream.script(answers.plain(answers.completion("Hello")))
    response = calls.call(proxy.origin, "POST", "/v1/chat/completions", calls.chat(model="chain"))
    assert response.status == 200
    assert (response.header("x-proxy-server"), response.header("x-proxy-attempts")) == ("first", "2")
    assert [asked(upstream), asked(upstream)] == [
        ("/second/v1/chat/completions", "second-model"),
        ("/first/v1/chat/completions", "other"),
    ]


def test_azures_client_names_the_model_in_the_path(upstream, azure):
    for deployment, route in ROUTES[:1] + ROUTES[2:]:
        upstream.script(answers.plain(answers.completion("Hello")))
        azure.chat.completions.create(model=deployment, messages=calls.MESSAGES)
        assert asked(upstream) == (f"{route[0]}/chat/completions", route[1])
    upstream.script(answers.plain({"id": "r", "output": []}))
    azure.responses.create(model="bare/m", input="Hi")
    assert asked(upstream) == ("/bare/v1/responses", "m")
    assert "quick" in [model.id for model in azure.models.list()]


def test_a_model_in_azures_path_is_checked_like_one_in_the_body(proxy):
    path = "/openai/deployments/{}/chat/completions?api-version=1"
    for target, body in [(path.format("bare/m:online"), "bare/m"), ("/v1/chat/completions", "bare/m:online")]:
        key = "a-key-with-a-limit-of-tokens"
        response = calls.call(proxy.origin, "POST", target, calls.chat(model=body), key=key)
        assert (response.status, response.error["code"]) == (403, "tool_not_allowed")
    response = calls.call(proxy.origin, "POST", path.format("nosuch"), calls.chat(model="bare/m"))
    assert (response.status, response.error["code"]) == (404, "model_not_found")
    assert records.of(proxy, response)["gen_ai.request.model"] == "nosuch"


def test_the_list_has_names_that_can_be_sent_back(upstream, sdk):
    names = [model.id for model in sdk().models.list()]
    assert names == ["quick", "chain", "first/taken", "first/first-model", "first/nick", "second/second-model"]
    for name in names:
        assert sdk().models.retrieve(name).id == name
        upstream.script(answers.plain(answers.completion("Hello")))
        sdk().chat.completions.create(model=name, messages=calls.MESSAGES)
        upstream.request()


def test_a_key_sees_and_uses_only_what_it_is_for(upstream, sdk):
    narrow = sdk(key="a-key-for-one-server")
    assert [model.id for model in narrow.models.list()] == ["chain", "first/taken", "second/second-model"]
    named = sdk(key="a-key-for-one-name")
    assert [model.id for model in named.models.list()] == ["chain"]
    for client, models in [
        (narrow, ["quick", "first/first-model", "bare/x", "nosuch/x", "second/other"]),
        (named, ["quick", "second/second-model", "first/other"]),
    ]:
        allowed = [model.id for model in client.models.list()]
        for model in models:
            with pytest.raises(openai.NotFoundError, match="does not exist or you do not have access") as refused:
                client.chat.completions.create(model=model, messages=calls.MESSAGES)
            assert refused.value.code == "model_not_found"
            told = re.findall("'([^']+)'", refused.value.body["message"])[1:-1]
            assert told and set(told) <= set(allowed)
            with pytest.raises(openai.NotFoundError):
                client.models.retrieve(model)
    # Without the fallback, whose server the key isn't for.
    upstream.script(answers.plain(answers.error("Overloaded.", "server_error"), 503))
    with pytest.raises(openai.InternalServerError):
        narrow.chat.completions.create(model="chain", messages=calls.MESSAGES)
    assert asked(upstream) == ("/second/v1/chat/completions", "second-model")


def test_limits_and_prices_are_those_of_the_server(proxy, upstream):
    upstream.script(answers.plain(answers.completion("Hello")))
    body = calls.chat(model="second/second-model")
    response = calls.call(proxy.origin, "POST", "/v1/chat/completions", body, key="a-key-for-one-request")
    assert response.status == 200 and records.of(proxy, response)["cost"] > 0
    refused = calls.call(proxy.origin, "POST", "/v1/chat/completions", body, key="a-key-for-one-request")
    assert refused.status == 429


UNKNOWN = [
    "frist/first-model",
    "first-model",
    "page/x",
    "\u0000\u001b[31m",
    "a" * 1_000_000,
    "é" * 500,
    "/" * 1000,
    " quick",
]


@pytest.mark.parametrize("model", UNKNOWN, ids=range(len(UNKNOWN)))
def test_a_model_that_no_server_has_is_not_found(proxy, upstream, model):
    response = calls.call(proxy.origin, "POST", "/v1/chat/completions", calls.chat(model=model))
    assert (response.status, response.error["code"]) == (404, "model_not_found")
    assert len(response.body) < 2000 and "GET /v1/models" in response.error["message"]
    record = records.of(proxy, response)
    assert record["url.path"] == "/v1/chat/completions" and len(json.dumps(record)) < 4000


@pytest.mark.parametrize("model", [None, 1, [], {}, True])
def test_a_model_that_is_no_string_is_refused(proxy, model):
    response = calls.call(proxy.origin, "POST", "/v1/chat/completions", calls.chat(model=model))
    assert (response.status, response.error["code"]) == (400, "invalid_json")


def test_a_server_whose_variable_is_not_set_says_which(proxy):
    response = calls.call(proxy.origin, "POST", "/v1/chat/completions", calls.chat(model="unset/m"))
    assert response.status == 500 and "A_VARIABLE_THAT_IS_NOT_SET" in response.error["message"]


@pytest.mark.parametrize("base", ["", "/v1/v1", "/v1/first", "/V1", "/v1/chat/completions"])
def test_a_wrong_base_url_is_told_the_right_one(proxy, base):
    client = openai.OpenAI(base_url=proxy.origin + base, api_key=calls.KEY, max_retries=0, timeout=programs.PATIENCE)
    with pytest.raises(openai.NotFoundError, match="address followed by '/v1'"):
        client.chat.completions.create(model="quick", messages=calls.MESSAGES)


def test_paths_with_a_server_stay_what_they_are(proxy, upstream):
    upstream.script(answers.plain(answers.completion("Hello")))
    response = calls.call(proxy.origin, "POST", "/bare/v1/chat/completions", calls.chat(model="first/nick"))
    assert response.status == 200 and asked(upstream) == ("/bare/v1/chat/completions", "first/nick")
    upstream.script(answers.raw(200, [("Content-Type", "text/plain")], b"page"))
    assert calls.call(proxy.origin, "GET", "/page/v1/models").body == b"page"
    assert upstream.request().target == "/page/v1/models"


@pytest.mark.parametrize(
    "accept, kind", [("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", "application/json")]
)
def test_the_address_says_what_it_is_and_nothing_of_the_table(proxy, accept, kind):
    response = calls.call(proxy.origin, "GET", "/", key=None, headers={"Accept": accept})
    assert response.status == 200 and response.header("content-type") == kind
    text = response.body.decode()
    assert "/v1/<endpoint>" in text.replace("&lt;", "<")
    for secret in ["first", "second", "quick", "chain", "tests", "narrow", calls.KEY]:
        assert f"{secret}" not in text
