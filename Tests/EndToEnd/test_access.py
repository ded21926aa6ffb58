"""Who may call."""

import hashlib
import json
import re

import answers
import calls
import openai
import pytest
import records
from tables import HASHED_KEY, UPSTREAM_TOKEN

CHAT = "/scripted/v1/chat/completions"


@pytest.mark.parametrize("header", ["X-Api-Key", "Api-Key", "x-api-key"])
def test_a_key_may_be_sent_in_another_header(upstream, call, header):
    upstream.script(answers.plain({}))
    assert call("POST", CHAT, calls.chat(), key=None, headers={header: calls.KEY}).status == 200


def test_a_key_in_x_api_key_works_beside_an_authorization_for_a_front_end(upstream, call):
    upstream.script(answers.plain({}))
    assert call("POST", CHAT, calls.chat(), key="for the front end", headers={"X-Api-Key": calls.KEY}).status == 200
    assert upstream.request().header("authorization") == f"Bearer {UPSTREAM_TOKEN}"


def test_the_table_may_have_only_the_hash_of_a_key(upstream, call):
    upstream.script(answers.plain({}))
    assert call("POST", CHAT, calls.chat(), key=HASHED_KEY).status == 200


@pytest.mark.parametrize("ending", ["\n", "\r\n", " \t"])
def test_spaces_around_a_key_are_ignored(upstream, start, ending):
    """Environment files and commands leave them after a value."""
    servers = f'scripted: {{url: "{upstream.origin}/v1", token: "${{TOKEN}}"}}\n'
    settings = 'settings: {virtual_keys: [{name: app, key: "${KEY}"}]}\n'
    proxy = start(servers + settings, KEY=calls.KEY + ending, TOKEN=f"t{ending}")
    bearers = [f"Bearer   {calls.KEY}\t", f"bearer\t{calls.KEY} ", f"BEARER {calls.KEY}"]
    for headers in [{"Authorization": bearer} for bearer in bearers] + [{"X-Api-Key": f" \t{calls.KEY} "}]:
        upstream.script(answers.plain({}))
        assert calls.call(proxy.origin, "POST", CHAT, calls.chat(), key=None, headers=headers).status == 200
        assert upstream.request().header("authorization") == "Bearer t"


@pytest.mark.parametrize("path", ["/scripted/v1/models", "/speech/v1/files/x", "/reverse/page", "/tokenless/v1/models"])
def test_a_key_in_the_query_is_not_forwarded(upstream, call, path):
    encoded = "".join(f"%{byte:02X}" for byte in calls.KEY.encode())
    keys = [calls.KEY, encoded, HASHED_KEY, UPSTREAM_TOKEN, f"Bearer%20{calls.KEY}", f"Bearer+{encoded}"]
    for key in keys:
        upstream.script(answers.plain({"data": []}))
        assert call("GET", f"{path}?b=%7e+x&key={key}&&a=1;api_key={key}").status == 200
        assert upstream.request().target.endswith("?b=%7e+x&&a=1"), key
    for wrapped in ("=+KEY", "=%22KEY%22", "==KEY", "=KEY%00", "=a=KEY"):
        for key in (calls.KEY, HASHED_KEY):
            upstream.script(answers.plain({"data": []}))
            assert call("GET", f"{path}?b=1&key{wrapped.replace('KEY', key)}&a").status == 200
            assert upstream.request().target.endswith("?b=1&a"), (wrapped, key)
    upstream.script(answers.plain({"data": []}))
    assert call("GET", f"{path}?key={calls.KEY}").status == 200
    assert "?" not in upstream.request().target
    upstream.script(answers.plain({"data": []}))
    assert call("GET", f"{path}?key={calls.KEY}x&a").status == 200
    assert upstream.request().target.endswith(f"?key={calls.KEY}x&a")


def test_the_hash_itself_is_not_a_key(upstream, call):
    assert call("POST", CHAT, calls.chat(), key=hashlib.sha256(HASHED_KEY.encode()).hexdigest()).status == 401
    assert upstream.saw_nothing


def test_the_token_of_a_server_opens_that_server(upstream, sdk):
    upstream.script(answers.stream("Hello"))
    client = sdk(key=UPSTREAM_TOKEN)
    chunks = list(client.chat.completions.create(model="m", messages=calls.MESSAGES, stream=True))
    assert chunks[0].choices[0].delta.content == "Hello"


def test_the_token_of_a_server_opens_no_other_server(upstream, call):
    response = call("POST", "/forwarding/v1/chat/completions", calls.chat(), key=UPSTREAM_TOKEN)
    assert (response.status, response.error["code"]) == (401, "invalid_api_key")
    assert response.header("www-authenticate").endswith('error="invalid_token"')
    assert UPSTREAM_TOKEN not in str(response.body)
    assert upstream.saw_nothing


WRONG = "sk-proj-0123456789abcdefghijklmnopqrstuvwxyz"
MASKED = "sk-proj-********************************wxyz"


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key", "Api-Key"])
def test_a_wrong_key_gets_openais_message(proxy, call, header):
    value = f"Bearer {WRONG}" if header == "Authorization" else WRONG
    response = call("GET", "/v1/models", key=None, headers={header: value})
    assert (response.status, response.error["code"]) == (401, "invalid_api_key")
    assert response.error["message"].startswith(f"Incorrect API key provided: {MASKED}. ")
    assert response.header("www-authenticate") == 'Bearer realm="openai-proxy", error="invalid_token"'
    record = records.of(proxy, response)
    assert not {"sk-proj", "wxyz", "****"} & set(re.findall(r"sk-proj|wxyz|\*\*\*\*", json.dumps(record)))
    assert "sk-proj" not in str(response.headers)


NO_KEY = [{}, {"X-Api-Key": ""}, {"Authorization": "Basic " + "YTpi" * 5}, {"Authorization": "Bearer"}]
NO_KEY += [{"Authorization": WRONG}, {"Authorization": f"Token {WRONG}"}, {"Authorization": "Bearer \t"}]


@pytest.mark.parametrize("headers", NO_KEY)
def test_a_missing_key_gets_openais_message(call, headers):
    response = call("GET", "/v1/models", key=None, headers=headers)
    assert (response.status, response.error["code"]) == (401, "invalid_api_key")
    message = response.error["message"]
    assert message.startswith("You didn't provide an API key. ") and "'x-api-key'" in message
    assert ("The 'Authorization' header that was sent isn't 'Bearer', a space and a key." in message) is (
        "Authorization" in headers
    )
    assert WRONG not in message and "YTpi" not in message
    assert response.header("www-authenticate") == 'Bearer realm="openai-proxy"'


@pytest.mark.parametrize("key", ["k" * 8000, "é" * 200, 'q"uo\\te' * 5, "{" * 40, "a\tb c" * 9, "%00\u200b" * 9])
def test_an_odd_key_gets_a_valid_401(call, key):
    response = call("GET", "/v1/models", key=None, headers={"X-Api-Key": key.encode().decode("latin-1")})
    assert response.status == 401
    assert response.error["message"].isascii() and len(response.error["message"]) < 400
    assert key not in response.error["message"]


def test_a_key_that_was_given_with_its_bearer_is_told_so(sdk):
    with pytest.raises(openai.AuthenticationError, match="The key itself begins with 'Bearer'"):
        sdk(key=f"Bearer {calls.KEY}").models.list()


@pytest.mark.parametrize("key", [None, "", "wrong", calls.KEY + "x", calls.KEY[:-1], calls.KEY.upper(), "Bearer"])
def test_a_request_without_a_valid_key_is_not_forwarded(upstream, call, key):
    response = call("POST", CHAT, calls.chat(), key=key)
    assert (response.status, response.error["code"]) == (401, "invalid_api_key")
    assert response.error["type"] == "invalid_request_error"
    assert upstream.saw_nothing


def test_none_of_many_wrong_keys_is_accepted(upstream, call):
    """If the comparison of digests missed one bit in a hundred, some of these would be accepted."""
    accepted = [n for n in range(200) if call("POST", CHAT, calls.chat(), key=f"{calls.KEY}{n}").status != 401]
    assert accepted == []


def test_basic_authorization_is_not_a_key(upstream, call):
    headers = {"Authorization": f"Basic {calls.KEY}"}
    assert call("POST", CHAT, calls.chat(), key=None, headers=headers).status == 401


def test_the_sdk_raises_an_authentication_error(sdk):
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided") as caught:
        sdk(key="wrong").models.list()
    assert caught.value.code == "invalid_api_key"
    assert caught.value.request_id == caught.value.response.headers["x-proxy-request-id"]


@pytest.mark.parametrize("path", ["/v1", "/nosuch/v1/models", "/scripted/v1/files", "/scripted"])
def test_a_request_without_a_key_learns_nothing_about_the_servers(call, path):
    response = call("GET", path, key=None)
    assert response.status == 401
    assert "scripted" not in response.error["message"]


def test_allow_anonymous_opens_the_proxy_and_logs_a_warning(upstream, start):
    servers = f'scripted: {{url: "{upstream.origin}/v1", token: t}}\nsettings: {{allow_anonymous: true}}\n'
    proxy = start(servers)
    upstream.script(answers.plain({}))
    assert calls.call(proxy.origin, "POST", CHAT, calls.chat(), key=None).status == 200
    assert "WARN" in proxy.log_with("allow_anonymous").upper()


def test_a_key_whose_variable_is_not_set_opens_nothing(upstream, start):
    key = '{name: app, key: "${A_VARIABLE_THAT_IS_NOT_SET}"}'
    empty = '{name: empty, key: "${A_VARIABLE_THAT_IS_NOT_SET:-}"}'
    settings = f"settings: {{virtual_keys: [{key}, {empty}]}}"
    proxy = start(f'scripted: {{url: "{upstream.origin}/v1", token: "{UPSTREAM_TOKEN}"}}\n{settings}\n')
    for wrong in (None, "", "${A_VARIABLE_THAT_IS_NOT_SET}"):
        assert calls.call(proxy.origin, "POST", CHAT, calls.chat(), key=wrong).status == 401
    assert upstream.saw_nothing


@pytest.mark.parametrize("reference", ["$OTHER_KEY", "os.environ/OTHER_KEY", "{{ OTHER_KEY }}", "op://vault/key"])
def test_an_unresolved_reference_opens_nothing(upstream, start, reference):
    table = f'scripted: {{url: "{upstream.origin}/v1"}}\nsettings: {{virtual_keys: [{{name: app, key: "${{KEY}}"}}]}}\n'
    proxy = start(table, KEY=reference)
    assert calls.call(proxy.origin, "POST", CHAT, calls.chat(), key=reference).status == 401
    log = proxy.log_with("the virtual key 'app' is ignored: KEY holds a reference")
    assert reference not in log
    assert upstream.saw_nothing


def test_no_key_token_or_prompt_is_ever_logged(upstream, start, table):
    proxy = start(table, "--verbose")
    prompt = "a prompt that nobody else may read"
    upstream.script(answers.plain({}), answers.plain(answers.error(), 500))
    for key in (calls.KEY, calls.KEY, "a-wrong-key-that-may-be-mistyped"):
        calls.call(proxy.origin, "POST", CHAT, calls.chat(prompt=prompt), key=key)
    for server in ("refusing", "unresolvable", "untrusted"):
        calls.call(proxy.origin, "POST", f"/{server}/v1/chat/completions", calls.chat(prompt=prompt))
    log = proxy.log_with("nowhere.invalid")
    secrets = [prompt, calls.KEY, UPSTREAM_TOKEN, "a-wrong-key-that-may-be-mistyped", "secret-of"]
    assert [secret for secret in secrets if secret in log] == []
