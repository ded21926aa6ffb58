"""Unusable tables: the start fails, and says what to fix."""

import subprocess

import answers
import calls
import programs
import pytest
import runtime_api

GOOD = "openai: {url: https://api.example/v1}\n"
TABLES = {
    "an unknown key": (GOOD + "b:\n  url: https://b.example\n  tokne: t\n", 4, ["tokne", "token"]),
    "an unknown setting": (GOOD + "settings:\n  virtual_kyes: []\n", 3, ["virtual_kyes", "virtual_keys"]),
    "a key twice": ("a:\n  url: https://a.example\n  model: x\n  model: y\n", 4, ["model"]),
    "a server twice": (GOOD + GOOD, 2, ["openai"]),
    "an alias beside its key": ("a:\n  url: https://a.example\n  api_base: https://b\n", 3, ["api_base", "url"]),
    "no url": ("a:\n  token: t\n", 2, ["url"]),
    "a url of an endpoint": (
        "a:\n  url: https://a.example/v1/chat/completions\n", 2, ["url", "/chat/completions", "https://api.openai.com/v1"]
    ),
    "a star that opens nothing": ("a:\n  url: https://a.example\n  endpoints: [files*]\n", 3, ["files*", "files/*"]),
    "a url of an endpoint with a query": (
        "a:\n  url: https://a.example/deployments/x/chat/completions?api-version=1\n", 2, ["'?'", "chat/completions"]
    ),
    "a method in an endpoint": (
        "a:\n  url: https://a.example\n  endpoints: [POST files]\n", 3, ["POST files", "spaces"]
    ),
    "a placeholder in an endpoint": (
        "a:\n  url: https://a.example\n  endpoints: ['files/{id}']\n", 3, ["files/{id}", "files/*"]
    ),
    "a url in place of an endpoint": (
        "a:\n  url: https://a.example\n  endpoints: [https://a.example/files]\n", 3, ["endpoints", "URL", "'files'"]
    ),
    "a whole path in place of an endpoint": (
        "a:\n  url: https://a.example\n  endpoints: [a/v1/files]\n", 3, ["a/v1/files", "/v1"]
    ),
    "a merge of a word": ("a:\n  url: https://a.example\n  <<: b\n", 3, ["<<", "mapping"]),
    "a typing error in what is merged": (
        "a: &a\n  url: https://a.example\n.b: &b\n  tokne: t\nc: {<<: [*b, *a]}\n", 4, ["tokne", "token"]
    ),
    "a url without a scheme": ("a:\n  url: api.example/v1\n", 2, ["url", "https://"]),
    "a word where true belongs": ("a:\n  url: https://a.example\n  reverse_proxy: maybe\n", 3, ["reverse_proxy"]),
    "a word where a number belongs": ("a:\n  url: https://a.example\n  timeout: soon\n", 3, ["timeout"]),
    "a negative time": ("a:\n  url: https://a.example\n  timeout: -1\n", 3, ["timeout"]),
    "a list where a word belongs": ("a:\n  url: https://a.example\n  model: [x]\n", 3, ["model"]),
    "an empty list of urls": ("a:\n  url: []\n", 2, ["url"]),
    "a fallback that isn't there": (
        GOOD + "b:\n  url: https://b.example\n  fallbacks: [opnai]\n", 4, ["opnai", "openai"]
    ),
    "fallbacks in a circle": (
        "a: {url: https://a.example, fallbacks: [b]}\nb: {url: https://b.example, fallbacks: [a]}\n", 2, ["a → b → a"]
    ),
    "a part longer than the whole": (
        "a:\n  url: https://a.example\n  ttft_timeout: 20\n  timeout: 10\n", 3, ["ttft_timeout", "timeout"]
    ),
    "a word where a server belongs": ("a: https://a.example\n", 1, ["a"]),
    "a variable that is not closed": ("a:\n  url: https://a.example\n  token: ${NAME\n", 3, ["token", "${"]),
    "a default that is not closed": (
        "a:\n  url: https://a.example\n  token: ${NAME:-${OTHER}\n", 3, ["token", "'}'"]
    ),
    "an expansion that only shells have": (
        "a:\n  url: https://a.example\n  token: ${NAME:?set it}\n", 3, ["token", "NAME:-default"]
    ),
    "an escaped variable": ("a:\n  url: https://a.example\n  token: $${NAME}\n", 3, ["token", "escaped"]),
    "a tag": ("a:\n  url: https://a.example\n  token: !ENV NAME\n", 3, ["tag", "${NAME}"]),
    "a tag on a key": ("a:\n  url: https://a.example\n  !secret token: x\n", 3, ["tag", "${NAME}"]),
    "a tag among the settings": (GOOD + "settings:\n  store: !Ref Table\n", 3, ["tag", "${NAME}"]),
    "a variable without braces": ("a:\n  url: https://a.example\n  token: $NAME\n", 3, ["token", "${NAME}"]),
    "LiteLLM's variable": (
        "a:\n  url: https://a.example\n  model: m\n  api_key: os.environ/NAME\n", 4, ["token", "${NAME}"]
    ),
    "a variable of a workflow": (
        "a:\n  url: https://a.example\n  token: ${{ secrets.NAME }}\n", 3, ["token", "${NAME}"]
    ),
    "a template as a key": (
        GOOD + "settings:\n  virtual_keys:\n    - name: n\n      key: '{{ NAME }}'\n", 5, ["key", "${NAME}"]
    ),
    "a model that is a variable": ("a:\n  url: https://a.example\n  model: $(MODEL)\n", 3, ["model", "${NAME}"]),
    "a host that is a variable": ("a:\n  url: https://$HOST/v1\n", 2, ["url", "${NAME}"]),
    "a key of two lines": (
        GOOD + "settings:\n  virtual_keys:\n    - name: n\n      key: |\n        one\n        two\n", 5,
        ["key", "line break"],
    ),
    "broken YAML": ("a:\n  url: 'https://a.example\n", None, []),
    "an empty file": ("", None, ["server"]),
    "a hash that is none": (
        GOOD + "settings:\n  virtual_keys:\n    - name: n\n      key_hash: abc\n", 5, ["key_hash", "64"]
    ),
}  # fmt: skip


def run(table, api, tmp_path):
    path = tmp_path / "servers.yaml"
    if table is not None:
        path.write_text(table)
    variables = programs.environment(OPENAI_SERVERS_FILE=str(path), AWS_LAMBDA_RUNTIME_API=api.address)
    return subprocess.run(
        [programs.BOOTSTRAP], env=variables, capture_output=True, text=True, timeout=programs.PATIENCE
    )


@pytest.mark.parametrize("name", TABLES)
def test_an_unusable_table_stops_the_start(name, tmp_path):
    table, line, words = TABLES[name]
    with runtime_api.serving() as (_, api):
        done = run(table, api, tmp_path)
    (told,) = api.init_errors
    said = done.stdout + done.stderr
    assert done.returncode not in (0, 2)
    assert (f"servers.yaml:{line}:" if line else "servers.yaml:") in said
    assert [word for word in words if word not in said] == []
    assert told.headers["lambda-runtime-function-error-type"].startswith(("Function.", "Runtime."))
    assert "servers.yaml" in told.failure["errorMessage"]


def test_a_file_that_does_not_exist_is_named(tmp_path):
    with runtime_api.serving() as (_, api):
        done = run(None, api, tmp_path)
    assert done.returncode not in (0, 2)
    assert "servers.yaml" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "table",
    [
        "a:\n  url: https://a.example\n  token: sk-one-opensesame\n  tokn: sk-two-opensesame\n",
        "a:\n  url: https://a.example\n  token: !opensesame\n",
        "a:\n  url: https://a.example\n  token: $opensesame\n",
        "a:\n  url: https://a.example\n  token: ${opensesame:?x}\n",
        'a:\n  url: https://a.example\n  token: "open\\nsesame-opensesame"\n',
        "a:\n  url: https://a.example\nsettings:\n  virtual_keys:\n    - name: n\n      key: '{{opensesame}}'\n",
    ],
)
def test_a_secret_in_a_broken_table_is_not_shown(table, tmp_path):
    with runtime_api.serving() as (_, api):
        done = run(table, api, tmp_path)
    (told,) = api.init_errors
    assert "opensesame" not in done.stdout + done.stderr + told.raw.decode()


def test_a_program_started_by_hand_says_what_it_is():
    done = subprocess.run([programs.BOOTSTRAP], env={}, capture_output=True, text=True, timeout=programs.PATIENCE)
    assert done.returncode == 2
    assert "make run" in done.stderr + done.stdout
    assert len((done.stderr + done.stdout).strip().splitlines()) == 1


def test_servers_can_share_settings_with_merge_keys(upstream, start):
    base = f'.base: &base {{url: "{upstream.origin}/v1", token: shared, num_retries: 0}}'
    servers = "one: {<<: *base, model: model-of-one}\ntwo: {<<: *base, token: own}\n"
    settings = 'settings: {virtual_keys: [{name: tests, key: "${TEST_KEY}"}]}\n'
    proxy = start(f"{base}\n{servers}{settings}")
    for server, token in (("one", "shared"), ("two", "own")):
        upstream.script(answers.plain({}))
        assert calls.call(proxy.origin, "POST", f"/{server}/v1/chat/completions", b"{}").status == 200
        request = upstream.request()
        assert request.header("authorization") == f"Bearer {token}"
        assert request.json == ({"model": "model-of-one"} if server == "one" else {})
    assert calls.call(proxy.origin, "POST", "/.base/v1/chat/completions", b"{}").status == 404
