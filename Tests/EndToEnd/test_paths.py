"""Paths as clients build them from their base URL."""

import answers
import calls
import openai
import pytest

MODEL = {"id": "m", "object": "model", "created": 0, "owned_by": "scripted"}
OPEN = """
my server: {{url: "{up}/v1"}}
page: {{url: "{up}", reverse_proxy: true}}
settings: {{allow_anonymous: true}}
"""
RESTRICTED = """
scripted: {{url: "{up}/v1", token: t}}
settings:
  virtual_keys:
    - {{name: some, key: "${{TEST_KEY}}", allowed_models: [org/*]}}
"""


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("//scripted/v1/models", "/v1/models"),
        ("/scripted/v1//models", "/v1/models"),
        ("/scripted/v1/models/", "/v1/models"),
        ("///scripted///v1///models//?a=//", "/v1/models?a=//"),
        ("/scripted//v1/models//org//name/", "/v1/models/org/name"),
        ("/speech/v1//files//f1/", "/v1/files/f1"),
    ],
)
def test_empty_segments_are_ignored(upstream, call, path, target):
    upstream.script(answers.plain(MODEL))
    assert call("GET", path).status == 200
    assert upstream.request().target == target


def test_empty_segments_are_ignored_in_the_proxys_own_paths(call):
    for path in ("/v1/models/", "//v1//models", "/v1//models//"):
        assert call("GET", path).json["object"] == "list"
    for path in ("//health", "/health/", "//health//"):
        assert call("GET", path, key=None).json == {"status": "ok"}


def test_empty_segments_open_nothing(upstream, call):
    for path in ("//scripted//v1//files", "/scripted/v1//chat", "//scripted"):
        assert call("POST", path, key=None).status == 401
        assert call("POST", path, b"{}").status == 404
    assert call("POST", "/scripted/v1/models/", b"{}").status == 405
    assert upstream.saw_nothing


@pytest.mark.parametrize("base", ["//scripted/v1", "/scripted/v1/", "/scripted//v1//"])
def test_the_sdk_streams_with_any_slashes_in_its_base_url(upstream, proxy, base):
    upstream.script(answers.stream("Hello"))
    client = openai.OpenAI(base_url=proxy.origin + base, api_key=calls.KEY, max_retries=0)
    chunks = list(client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True))
    assert chunks[0].choices[0].delta.content == "Hello"
    assert upstream.request().target == "/v1/chat/completions"


def test_the_printed_address_does_not_end_in_a_slash(proxy):
    assert proxy.origin.removeprefix("http://127.0.0.1:").isdigit()


@pytest.mark.parametrize(
    ("model", "target"),
    [
        ("org/name", "/v1/models/org%2Fname"),
        ("a/b/c", "/v1/models/a%2Fb%2Fc"),
        ("ft:gpt-4o:org::id", "/v1/models/ft:gpt-4o:org::id"),
        ("org/name:7b@v1+x;y", "/v1/models/org%2Fname:7b@v1+x;y"),
    ],
)
def test_the_sdk_retrieves_a_model_whose_name_has_a_slash(upstream, sdk, model, target):
    upstream.script(answers.plain({**MODEL, "id": model}))
    assert sdk().models.retrieve(model).id == model
    assert upstream.request().target == target


@pytest.mark.parametrize("path", ["org%2fname", "org/name", "org%2Fname%3A7b", "o%72g%2Fname"])
def test_the_name_of_a_model_is_forwarded_as_it_is_written(upstream, call, path):
    upstream.script(answers.plain(MODEL))
    assert call("GET", f"/scripted/v1/models/{path}").status == 200
    assert upstream.request().target == f"/v1/models/{path}"


def test_allowed_models_are_checked_with_the_decoded_name(upstream, start):
    proxy = start(RESTRICTED.format(up=upstream.origin))
    client = openai.OpenAI(base_url=f"{proxy.origin}/scripted/v1", api_key=calls.KEY, max_retries=0)
    upstream.script(answers.plain({**MODEL, "id": "org/name"}))
    assert client.models.retrieve("org/name").id == "org/name"
    upstream.request()
    for name in ("other/name", "xorg/name", "org%2Fname"):
        with pytest.raises(openai.PermissionDeniedError, match=name):
            client.models.retrieve(name)
    for path in ("org%2F..%2Fsecret", "org/..%2Fsecret", "org%2F%2e%2e;x%2Fsecret", "..%2Forg%2Fname"):
        assert calls.call(proxy.origin, "GET", f"/scripted/v1/models/{path}").status == 400
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    "base",
    [
        "/scripted",
        "/scripted/v1/v1",
        "/scripted/v2",
        "/scripted/V1",
        "/scripted/v1/chat/completions",
        "/scripted/v1/responses/",
        "/scripted/v1/models",
        "/scripted/chat/completions",
        "/scripted/openai/v1",
        "/scripted/openai/deployments/gpt-4o",
        "//scripted//v1//v1//",
    ],
)
def test_the_error_says_which_base_url_is_right(upstream, proxy, base):
    client = openai.OpenAI(base_url=proxy.origin + base, api_key=calls.KEY, max_retries=0)
    with pytest.raises(openai.NotFoundError, match="address followed by '/scripted/v1'") as caught:
        client.chat.completions.create(model="m", messages=calls.MESSAGES, extra_query={"api-version": "1"})
    assert caught.value.code == "endpoint_not_open"
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    "base", ["/star/v1/v1", "/star/v1/chat/completions", "/star/v1/files/v1", "/star/v1/models", "/star/V1"]
)
def test_a_star_opens_no_path_with_a_doubled_base_url(upstream, proxy, base):
    client = openai.OpenAI(base_url=proxy.origin + base, api_key=calls.KEY, max_retries=0)
    with pytest.raises(openai.NotFoundError, match="address followed by '/star/v1'"):
        client.chat.completions.create(model="m", messages=calls.MESSAGES)
    assert upstream.saw_nothing


@pytest.mark.parametrize("base", ["/star/v1/v1", "/star/v1/chat/completions", "/star/v1/embeddings"])
def test_a_star_lists_no_models_under_a_doubled_base_url(upstream, proxy, base):
    client = openai.OpenAI(base_url=proxy.origin + base, api_key=calls.KEY, max_retries=0)
    with pytest.raises(openai.NotFoundError, match="address followed by '/star/v1'"):
        client.models.list()
    with pytest.raises(openai.NotFoundError, match="address followed by '/star/v1'"):
        client.models.retrieve("m")
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "chat/completions/c1/messages"),
        ("DELETE", "chat/completions/c1"),
        ("GET", "responses/r1/input_items"),
        ("POST", "responses/compact"),
        ("POST", "messages/count_tokens"),
        ("POST", "chat/completions;x"),
    ],
)
def test_a_star_opens_everything_below_an_endpoint(upstream, call, method, path):
    upstream.script(answers.plain({}))
    assert call(method, f"/star/v1/{path}", b"{}").status == 200
    assert upstream.request().target == f"/v1/{path}"


@pytest.mark.parametrize("path", ["/scripted/v1/v1/messages", "/scripted/v1/chat/completions/v1/messages"])
def test_a_client_that_appends_v1_itself_is_told_to_leave_it_out(upstream, call, path):
    response = call("POST", path, b"{}")
    assert (response.status, response.error["code"]) == (404, "endpoint_not_open")
    assert "'/scripted/v1', or '/scripted' if the client appends '/v1' itself" in response.error["message"]
    assert upstream.saw_nothing


@pytest.mark.parametrize(
    "path", ["chat/completions%20", "Chat/Completions", "%20models", "MODELS", "%20v1/messages", "V1/messages"]
)
def test_a_wrong_capital_or_space_gets_the_right_base_url(upstream, call, path):
    response = call("POST", f"/scripted/v1/{path}", b"{}")
    assert (response.status, response.error["code"]) == (404, "endpoint_not_open")
    assert "address followed by '/scripted/v1'" in response.error["message"]
    assert upstream.saw_nothing


def test_without_a_server_the_error_is_not_about_a_missing_key(upstream, start):
    proxy = start(OPEN.format(up=upstream.origin))
    response = calls.call(proxy.origin, "POST", "/nosuch/v1/chat/completions", calls.chat(), key=None)
    assert (response.status, response.error["code"]) == (404, "unknown_server")
    assert "address followed by '/my%20server/v1' or '/page'. " in response.error["message"]
    assert "key" not in response.error["message"]
    for path, target in [("/my%20server/v1/models", "/v1/models"), ("/page/v1/models", "/v1/models")]:
        upstream.script(answers.plain({"object": "list", "data": []}))
        assert calls.call(proxy.origin, "GET", path, key=None).status == 200
        assert upstream.request().target == target


@pytest.mark.parametrize("segment", ["..%20", "%20..", "...", ".%20.", "..%20;x", "%2e%2e%2e", ".."])
def test_dots_with_spaces_are_refused_like_dots(upstream, call, segment):
    for path in (f"/reverse/{segment}/x", f"/star/v1/files/{segment}", f"/scripted/v1/models/x%2F{segment}"):
        response = call("GET", path)
        assert (response.status, response.error["code"]) == (400, "invalid_path")
    assert upstream.saw_nothing


@pytest.mark.parametrize("name", ["a..b", ".well-known", "...x", "x..", ".-."])
def test_a_name_with_dots_in_it_passes(upstream, call, name):
    upstream.script(answers.plain({}))
    assert call("GET", f"/reverse/{name}/x").status == 200
    assert upstream.request().target == f"/root/{name}/x"


@pytest.mark.parametrize("path", ["/scripted", "/scripted/", "/scripted/v1", "/scripted/v1/"])
def test_a_call_of_the_bare_base_url_says_what_is_missing(upstream, call, path):
    for method in ("GET", "POST"):
        response = call(method, path, calls.chat())
        assert (response.status, response.error["code"]) == (404, "endpoint_not_open")
        assert "'/scripted/v1'" in response.error["message"]
        assert "'/chat/completions'" in response.error["message"]
    assert upstream.saw_nothing


@pytest.mark.parametrize("base", ["/nosuch", "/api/v1", "/chat/completions", "/openai/v1"])
def test_without_a_server_the_error_lists_the_base_urls_for_the_key(upstream, proxy, base):
    client = openai.OpenAI(base_url=proxy.origin + base, api_key="secret-of-refusing", max_retries=0)
    with pytest.raises(openai.NotFoundError, match="address followed by '/refusing/v1'") as caught:
        client.chat.completions.create(model="m", messages=calls.MESSAGES)
    assert caught.value.code == "unknown_server"
    assert "scripted" not in str(caught.value)


@pytest.mark.parametrize("path", ["messages", "files", "audio/speech", "chat/completions/c1/messages"])
def test_the_error_for_a_closed_endpoint_says_who_can_open_it(call, path):
    response = call("POST", f"/scripted/v1/{path}", b"{}")
    assert (response.status, response.error["code"]) == (404, "endpoint_not_open")
    assert "'endpoints' list" in response.error["message"]
