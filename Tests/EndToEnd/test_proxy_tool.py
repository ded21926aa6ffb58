"""`proxy-tool`: a real proxy accepts the keys that it makes, and it says the same about a table as the proxy."""

import hashlib
import re
import resource
import subprocess

import answers
import calls
import programs
import pytest
import test_configuration

CHAT = "/scripted/v1/chat/completions"
EXAMPLE = programs.ROOT / "examples/governance/openai_servers.yaml"

pytestmark = pytest.mark.debug_only


def run(*arguments, **variables):
    return subprocess.run(
        [programs.BUILD / "proxy-tool", *arguments],
        env=programs.environment(**variables), capture_output=True, text=True, timeout=programs.PATIENCE,
    )  # fmt: skip


def make(*options):
    """Make a key; return it, its entry, and the rest of the output."""
    done = run("key", "new", *options)
    assert done.returncode == 0, done.stderr
    (key,) = [line for line in done.stderr.splitlines() if line.startswith("sk-")]
    return key, done.stdout, done.stderr


def check(table, tmp_path, **variables):
    path = tmp_path / "servers.yaml"
    path.write_text(table)
    return run("check", str(path), **variables)


def with_keys(*entries, url="http://127.0.0.1:9/v1"):
    return f"scripted: {{url: '{url}', num_retries: 0}}\nsettings:\n  virtual_keys:\n" + "".join(entries)


def test_a_key_is_shown_once_and_its_entry_has_only_the_hash():
    key, entry, told = make("--name", "web-app", "--expires", "2127-01-31")
    lines = ["    - name: web-app", "id: ([a-z0-9]{8})", "key_hash: sha256:([0-9a-f]{64})", "expires: 2127-01-31\n"]
    identifier, digest = re.fullmatch("\n      ".join(lines), entry).groups()
    assert re.fullmatch(rf"sk-{identifier}-[A-Za-z0-9_-]{{43}}", key)
    assert digest == hashlib.sha256(key.encode()).hexdigest()
    assert told.count(key) == 1
    assert "only now" in told


def test_no_two_keys_are_the_same():
    made = [make("--name", "web-app") for _ in range(10)]
    assert len({key for key, _, _ in made}) == len({entry for _, entry, _ in made}) == 10
    assert len({key.rsplit("-", 1)[0] for key, _, _ in made}) == 10


def test_a_key_is_valid_when_its_entry_is_pasted_into_a_table(upstream, start):
    key, entry, _ = make("--name", "web-app", "--id", "web.1", "--expires", "2127-01-31T12:00:00Z")
    other, _, _ = make("--name", "web-app", "--id", "web.1", "--expires", "2127-01-31T12:00:00Z")
    proxy = start(with_keys(entry, url=f"{upstream.origin}/v1"))
    upstream.script(answers.plain({}))
    assert calls.call(proxy.origin, "POST", CHAT, calls.chat(), key=key).status == 200
    assert calls.call(proxy.origin, "POST", CHAT, calls.chat(), key=other).status == 401


@pytest.mark.parametrize("name", ["null", "~", "O'Neill: web # 1", '"quoted"', "- x", "käse", "7", "a{b}$c", "*"])
def test_any_name_can_be_pasted(tmp_path, name):
    _, first, _ = make(f"--name={name}", "--id=NULL")
    _, second, _ = make(f"--name={name}2", "--id=-1")
    done = check(with_keys(first, second), tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"key {name}: id NULL; servers: all; models: all\n" in done.stdout
    assert f"key {name}2: id -1;" in done.stdout


@pytest.mark.parametrize(
    "options, word",
    [
        (["--name", ""], "'name' is missing"),
        (["--name", "a${HOME}"], "${"),
        (["--name", "two\nlines"], "line break"),
        (["--name", "$WEB"], "write ${NAME}"),
        (["--name", "a", "--id", "a b"], "'id' must be 1 to 64"),
        (["--name", "a", "--id", ""], "'id' must be 1 to 64"),
        (["--name", "a", "--expires", "2027-02-29"], "'expires' must be a date"),
        (["--name", "a", "--expires", "soon"], "'expires' must be a date"),
        (["--name", "a", "--expires", "2020-01-01"], "is in the past"),
        ([], "--name"),
    ],
)
def test_no_key_is_made_with_values_that_a_table_would_refuse(options, word):
    done = run("key", "new", *options)
    assert done.returncode != 0
    assert done.stdout == ""
    assert word in done.stderr
    assert "sk-" not in done.stderr


def test_check_describes_the_table(tmp_path):
    table = """
scripted:
  url: http://127.0.0.1:9/v1
  token: the-token-of-the-server
  input_cost_per_token: 0.001
  output_cost_per_token: 0.002
  max_parallel_requests: 20
  cache: {layers: [dynamodb, memory], shared: true}
other: {url: "${OTHER_URL}", stream_usage: "off", cache: false}
settings:
  store: {dynamodb: {table: proxy-use, region: eu-west-1}}
  on_store_error: deny
  cache: {ttl: 60}
  virtual_keys:
    - name: web
      id: web-1
      key: "${KEY}"
      expires: 2127-01-31
      allowed_servers: [scripted]
      allowed_models: [gpt-*]
      cache: {namespace: team a}
    - name: old
      key_hash: %s
      expires: 2020-02-29
      rpm: 5
      max_budget: 2.5
      server_limits: {other: {tpm: 10}}
      cache: false
    - {name: gone, key: "${GONE}"}
"""
    table %= "0" * 64
    done = check(table, tmp_path, KEY="a-key-that-is-not-shown")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "server scripted: http://127.0.0.1:9/v1; 20 at once; has prices; "
        "caches responses for 60 s in memory, dynamodb, shared by all callers; asks for the usage of streams",
        "server other: ${OTHER_URL}",
        "key web: id web-1; servers: scripted; models: gpt-*; cache namespace team a; expires 2127-01-31",
        "key old: id old; servers: all; models: all; 5 requests a minute; 2.5 dollars a month; "
        "10 tokens a minute at other; no cache; expired 2020-02-29",
        "store: DynamoDB, table proxy-use, eu-west-1; requests are refused when it fails",
        "warning: limits on cost of the virtual key 'old' aren't enforced at servers without prices: other",
        "warning: the virtual key 'gone' is ignored: GONE is not set",
        "warning: the server 'other' can't be used until OTHER_URL is set in the environment",
        "warning: the virtual key 'old' has expired; set a later date in 'expires', or remove the key",
    ]


def test_check_describes_token_issuers_without_their_secrets(tmp_path):
    table = """
a: {url: "http://127.0.0.1:9/v1", input_cost_per_token: 0.1, output_cost_per_token: 0.1, cache: true}
settings:
  store: {dynamodb: {table: proxy-use}}
  user_id_key: ${USER_ID_KEY}
  token_issuers:
    - issuer: https://id.example/pool
      audiences: [api, app]
      client_ids: [app]
      algorithms: [ES256, EdDSA]
      token_use: id
      user_claim: email
      required_claims: {email_verified: true, groups: [staff, admins]}
      log_users: true
      rpm: 600
      allowed_servers: [a]
      user_limits: {rpm: 20, max_budget: 1, server_limits: {a: {max_parallel_requests: 2}}}
      plans:
        - {name: pro, match: {plan: pro}, allowed_models: [gpt-*], rpm: 100, cache: false}
      login: {authorize_url: "https://id.example/authorize", token_url: "https://id.example/token", client_id: app}
    - issuer: https://other.example
      jwks_url: https://other.example/keys
      client_ids: [app]
    - {issuer: my-backend, secrets: ["${NEW_SECRET}", "${SECRET}"], max_age: 900}
    - {issuer: "https://${GONE}", audiences: [api]}
    - {issuer: "${OFF:-}"}
"""
    secrets = {name: f"the-{name}-that-is-not-shown-by-anything" for name in ("NEW_SECRET", "SECRET", "USER_ID_KEY")}
    done = check(table, tmp_path, **secrets)
    assert (done.returncode, done.stderr) == (0, "")
    users = "20 requests a minute; 1 dollars a month; 2 at once at a"
    assert done.stdout.splitlines() == [
        "server a: http://127.0.0.1:9/v1; has prices; caches responses for 3600 s in memory; "
        "asks for the usage of streams",
        "issuer https://id.example/pool: ES256, EdDSA; keys by discovery; audiences: api, app; clients: app; "
        "id tokens; email_verified is true; groups is staff or admins; users by email; logs users; "
        "the playground logs in here; 600 requests a minute",
        f"users of https://id.example/pool: servers: a; models: all; {users}",
        "plan pro of https://id.example/pool: plan is pro; servers: a; models: gpt-*; "
        f"{users.replace('20', '100', 1)}; no cache",
        "issuer https://other.example: RS256, ES256; keys at https://other.example/keys; clients: app",
        "users of https://other.example: servers: all; models: all",
        "issuer my-backend: HS256; two shared secrets; valid for at most 900 s",
        "users of my-backend: servers: all; models: all",
        "store: DynamoDB, table proxy-use, the function's region; requests pass when it fails",
        "warning: the token issuer 'https://${GONE}' is ignored: GONE is not set",
    ]


def test_check_warns_about_variables_without_a_secret(tmp_path):
    table = "a: {url: http://127.0.0.1:9, token: '${TOKEN}'}\nsettings: {virtual_keys: [{name: web, key: '${KEY}'}]}\n"
    done = check(table, tmp_path, TOKEN="os.environ/opensesame", KEY="open\nsesame")
    assert (done.returncode, done.stderr) == (0, "")
    assert "sesame" not in done.stdout
    reference = "holds a reference to another value, such as '$NAME', which is not resolved"
    assert f"warning: the environment variable TOKEN can't be used: it {reference}\n" in done.stdout
    key = "warning: the virtual key 'web' is ignored: KEY contains a line break or another control character\n"
    assert key in done.stdout


def test_check_warns_about_a_price_that_an_alias_hides(tmp_path):
    table = """
a:
  url: http://127.0.0.1:9
  model_aliases: {fast: small}
  model_costs: {fast: {input_cost_per_token: 0.1, output_cost_per_token: 0.1}}
"""
    done = check(table, tmp_path)
    hidden = "the price for 'fast' in 'model_costs' of the server 'a' isn't used for the alias 'fast'"
    assert f"warning: {hidden}, which stands for 'small'; write the price under 'small'\n" in done.stdout


@pytest.mark.parametrize("name", test_configuration.TABLES)
def test_check_refuses_what_the_proxy_refuses(name, tmp_path):
    table, line, words = test_configuration.TABLES[name]
    done = check(table, tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert (f"servers.yaml:{line}:" if line else "servers.yaml:") in done.stderr
    assert [word for word in words if word not in done.stderr] == []


def test_check_names_a_missing_file(tmp_path):
    done = run("check", str(tmp_path / "nosuch.yaml"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "nosuch.yaml" in done.stderr


def test_without_a_file_check_uses_the_one_that_the_proxy_would(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("mine: {url: http://127.0.0.1:9}\n")
    assert "server mine: http://127.0.0.1:9\n" in run("check", OPENAI_SERVERS_FILE=str(path)).stdout


def test_the_example_table_loads_and_accepts_its_key(start, model_url):
    variables = {"PROXY_CLIENT_KEY": "a-client-key-of-this-test", "LOCAL_URL": model_url}
    done = run("check", str(EXAMPLE), **variables)
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stdout.splitlines() if line.startswith("warning: ")]
    assert [line for line in warnings if "limits are counted in memory" not in line] == []
    proxy = start(EXAMPLE.read_text(), **variables)
    key = variables["PROXY_CLIENT_KEY"]
    body = calls.chat(model="local", max_tokens=3)
    response = calls.call(proxy.origin, "POST", "/local/v1/chat/completions", body, key=key)
    assert response.status == 200, response.body


def test_the_example_of_a_cache_loads(tmp_path):
    done = run(
        "check", str(programs.ROOT / "examples/cache/openai_servers.yaml"), PROXY_CLIENT_KEY="a-key-of-this-test"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "caches responses for 3600 s in memory, dynamodb;" in done.stdout
    assert "caches responses for 86400 s in memory\n" in done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith("warning: ")] == []
    assert "key web-app: id web-app; servers: all; models: all; cache namespace web\n" in done.stdout
    assert "key tests: id c4w0n8yx; servers: all; models: all; no cache\n" in done.stdout


def test_the_time_to_read_keys_grows_linearly(tmp_path):
    """The proxy reads them when it starts, for which Lambda allows ten seconds."""
    # The smallest of three, because other load increases processor time too.
    few, many = (min(seconds_to_check(number, tmp_path) for _ in range(3)) for number in (500, 2000))
    assert many < 8 * few  # Four times as many keys: quadratic time would be 16 times as long.


def seconds_to_check(number, tmp_path):
    """Return the CPU time that it takes to read so many keys."""
    keys = [f"    - {{name: k{n}, key_hash: {hashlib.sha256(str(n).encode()).hexdigest()}}}\n" for n in range(number)]
    table = tmp_path / "many.yaml"
    table.write_text("s: {url: http://127.0.0.1:1/v1}\nsettings:\n  virtual_keys:\n" + "".join(keys))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = run("check", table)
    assert done.returncode == 0 and done.stdout.count("key k") == number
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
