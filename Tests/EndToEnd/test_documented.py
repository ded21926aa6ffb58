"""Runs the examples in the documentation: tables with the real program, clients with the proxy. Outputs are compared.

Tests/Deployment/test_docs.py checks the rest of the pages.
"""

import json
import re
import subprocess
import sys

import answers
import calls
import pages
import programs
import pytest
from test_proxy_tool import check

pytestmark = pytest.mark.debug_only

TABLES = [block for block in pages.blocks("yaml") if pages.is_table_of_servers(block.text)]
CONFIGURATION = pages.page("docs/configuration.md")
UNKNOWN = "a-name-that-is-like-none"
AWS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "an-id-of-this-test", "AWS_SECRET_ACCESS_KEY": "a-secret-key"}


@pytest.mark.parametrize("block", TABLES, ids=str)
def test_each_table_in_the_documentation_loads(block, tmp_path):
    table = block.text if pages.has_servers(block.text) else "any: {url: http://127.0.0.1:9}\n" + block.text
    variables = {name: f"a-long-value-of-a-test-for-{name.lower()}" for name in re.findall(r"\$\{(\w+)", table)} | AWS
    done = check(table, tmp_path, **{name: value for name, value in variables.items() if name != "LOCAL_URL"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "can't be used" not in done.stdout and "is ignored" not in done.stdout


@pytest.mark.parametrize("shown", [b for b in pages.blocks("text") if b.text.startswith("server ")], ids=str)
def test_the_documented_output_of_a_check_is_correct(shown, tmp_path):
    table = table_before(shown)
    variables = {name: "a-long-value-of-this-test" for name in re.findall(r"\$\{(\w+)", table)}
    # Some pages show the output for a missing variable.
    assert shown.text in (check(table, tmp_path, **variables).stdout, check(table, tmp_path).stdout)


def table_before(block):
    """Return the table that a block is about: the file that is named just before it, or the last table on the page.

    `openai_servers.yaml` is the reader's own there.
    """
    before = [other for other in pages.page(block.page).blocks if other.line < block.line]
    named = programs.ROOT / before[-1].text.split()[-1]
    if named.is_file() and named.parent != programs.ROOT:
        return named.read_text()
    return [other.text for other in before if other.language == "yaml"][-1]


def test_the_documented_error_of_a_table_is_correct(tmp_path):
    shown = re.search(r"openai_servers\.yaml:4: (.*)", pages.page("docs/configuration.md").text)
    done = check("openai:\n  url: https://api.openai.com/v1\n  token: t\n  modell: gpt-4o\n", tmp_path)
    assert f"servers.yaml:4: {shown[1]}\n" in done.stderr


# Places where an unknown key makes the parser list the known ones, and the headings under which these are documented.
SERVER = "a: {url: http://a}\n"
ISSUER = "settings: {token_issuers: [{issuer: i, secret: a-secret-of-at-least-thirty-two-bytes, %s}]}\n"
LIMITS = set(pages.named_in_tables(CONFIGURATION.section("Limits"), "key"))
PLACES = {
    "Servers": "a: {url: http://a, %s: 1}\n",
    "Several URLs": "a: {url: [{%s: 1}]}\n",
    "Prices and limits of a server": "a: {url: http://a, model_costs: {m: {%s: 1}}}\n",
    "Settings": SERVER + "settings: {%s: 1}\n",
    "Virtual keys": SERVER + "settings: {virtual_keys: [{%s: 1}]}\n",
    "Token issuers": SERVER + "settings: {token_issuers: [{%s: 1}]}\n",
    "Plans": SERVER + ISSUER % "plans: [{%s: 1}]",
    "Login": SERVER + ISSUER % "login: {%s: 1}",
    "Callers of other doors": SERVER + "settings: {direct_invocation: {%s: 1}}\n",
    "Limits": SERVER + "settings: {virtual_keys: [{name: n, key: k, server_limits: {a: {%s: 1}}}]}\n",
    "The store": SERVER + "settings: {store: {dynamodb: {%s: 1}}}\n",
    "The cache": SERVER + "settings: {cache: {%s: 1}}\n",
}


def known_keys(heading, tmp_path):
    said = check(PLACES[heading] % UNKNOWN, tmp_path).stderr
    known = re.search(rf"has an unknown key '{UNKNOWN}'; expected one of: (.*)", said)
    assert known, said
    return set(known[1].split(", "))


@pytest.mark.parametrize("heading", PLACES)
def test_the_reference_has_every_key_of_the_parser(heading, tmp_path):
    named = set(re.findall(r"`(\w+)`", CONFIGURATION.section(heading) + CONFIGURATION.section("Limits")))
    assert known_keys(heading, tmp_path) - named == set()


@pytest.mark.parametrize("heading", [
    "Servers", "Virtual keys", "Plans", "Login", "Callers of other doors", "Limits", "The store", "The cache",
])  # fmt: skip
def test_the_reference_has_no_key_unknown_to_the_parser(heading, tmp_path):
    named = set(pages.named_in_tables(CONFIGURATION.section(heading), "key"))
    assert named and named - known_keys(heading, tmp_path) == set()


@pytest.mark.parametrize("heading", ["Settings", "Token issuers"])
def test_the_reference_without_what_is_below_has_no_key_unknown_to_the_parser(heading, tmp_path):
    section = re.split(r"^###+ ", CONFIGURATION.section(heading), maxsplit=1, flags=re.MULTILINE)[0]
    named = set(pages.named_in_tables(section, "key"))
    assert named and named | LIMITS >= known_keys(heading, tmp_path) >= named


@pytest.mark.parametrize("name", ["docs/errors.md", "docs/security.md"])
def test_the_documented_error_without_a_key_is_correct(name, call):
    page = pages.page(name)
    (shown,) = [json.loads(block.text) for block in page.blocks if block.language == "json"]
    response = call("GET", "/scripted/v1/models", key=None)
    assert response.json == shown
    for head in [block.text.splitlines() for block in page.blocks if block.text.startswith("HTTP/1.1 ")]:
        assert int(head[0].split()[1]) == response.status
        assert [line for line in head[1:] if response.header(line.split(": ")[0]) != line.split(": ")[1]] == []


def test_the_documented_error_at_a_limit_is_correct(start, upstream):
    shown = next(block for block in pages.page("docs/keys-and-limits.md").blocks if block.language == "json")
    error = json.loads(shown.text)["error"]
    key = f"{{name: tests, id: n3vx81qd, key: '{calls.KEY}', rpm: 2}}"
    proxy = start(f"scripted: {{url: '{upstream.origin}/v1'}}\nsettings: {{virtual_keys: [{key}]}}\n")
    upstream.always = answers.plain(answers.completion())
    # The third is refused, or the fifth if a new minute begins in between.
    responses = [calls.call(proxy.origin, "POST", "/scripted/v1/chat/completions", calls.chat()) for _ in range(5)]
    refused = next(response for response in responses if response.status != 200)
    assert refused.status == 429
    assert without_numbers(refused.error) == without_numbers(error)


def without_numbers(error):
    """The number of requests and the remaining time depend on the table and the clock."""
    return {**error, "message": re.sub(r"\b\d+", "0", error["message"]).replace("ms.", "s.")}


def test_the_documented_headers_of_a_fallback_are_correct(start, model_url):
    page = pages.page("docs/reliability.md")
    (table,) = [block.text for block in page.blocks if "flaky:" in block.text]
    (shown,) = [block.text for block in page.blocks if block.text.startswith("x-proxy-server")]
    proxy = start(table, LOCAL_URL=model_url, PROXY_CLIENT_KEY=calls.KEY)
    response = calls.call(proxy.origin, "POST", "/flaky/v1/chat/completions", calls.chat(max_tokens=2))
    assert response.status == 200
    assert [line for line in shown.splitlines() if response.header(line.split(": ")[0]) != line.split(": ")[1]] == []


@pytest.mark.parametrize("block", [b for b in pages.blocks("python") if "OpenAI(" in b.text], ids=str)
def test_the_documented_python_code_calls_the_proxy(block, start, upstream):
    servers = "".join(f"{name}: {{url: '{upstream.origin}/v1'}}\n" for name in ("openai", "local"))
    proxy = start(servers + "settings: {virtual_keys: [{name: tests, key: '${TEST_KEY}'}]}\n")
    upstream.always = hello
    done = subprocess.run(
        [sys.executable, "-c", block.text], capture_output=True, text=True, timeout=programs.LONG_PATIENCE,
        env=programs.environment(URL=proxy.origin, PROXY_CLIENT_KEY=calls.KEY, API_KEY="that-of-api-gateway"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Hello" in done.stdout


def hello(exchange):
    """Answer like a provider, with a stream if one was asked for."""
    wants_stream = exchange.request.json.get("stream")
    (answers.stream("Hello") if wants_stream else answers.plain(answers.completion("Hello")))(exchange)
