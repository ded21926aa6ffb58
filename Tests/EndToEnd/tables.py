"""The table of servers that most tests use, and its keys."""

UPSTREAM_TOKEN = "the-token-of-the-upstream"
HASHED_KEY = "a-key-that-is-only-known-by-its-hash"

# Braces are doubled for `str.format`; the proxy reads the remaining `${…}`. There are no retries, so that each script
# of the upstream answers one request of a test.
TABLE = """
scripted:      {{url: "{up}/v1", token: "${{UPSTREAM_TOKEN}}", model: table-model, num_retries: 0}}
tokenless:     {{url: "{up}/v1", model: ""}}
impatient:     {{url: "{up}/v1", token: other, timeout: 0.3}}
stalling:      {{url: "{up}/v1", token: other, stream_idle_timeout: 0.3}}
undone:        {{url: "{up}/v1", token: other, expects_done: false, num_retries: 0}}
speech:        {{url: "{up}/v1", token: other, endpoints: [audio/speech, "files/*"]}}
star:          {{url: "{up}/v1", token: other, endpoints: ["*"]}}
reverse:       {{url: "{up}/root", token: raw-token, reverse_proxy: true, auth_header: X-aws-proxy-auth}}
forwarding:    {{url: "{up}/v1", token: other, forward_headers: [OpenAI-Organization]}}
aliased:       {{api_base: "{up}/v1/", api_key: alias-token, model: alias-model}}
refusing:      {{url: "http://127.0.0.1:{closed}/v1", token: secret-of-refusing, num_retries: 0}}
untrusted:     {{url: "{tls}/v1", token: secret-of-untrusted}}
unresolvable:  {{url: "http://nowhere.invalid/v1", token: secret-of-unresolvable, num_retries: 0}}
incomplete:    {{url: "{up}/v1", token: "${{A_VARIABLE_THAT_IS_NOT_SET}}"}}
local:         {{url: "{local}", model: smollm2}}
settings:
  virtual_keys:
    - {{name: tests, key: "${{TEST_KEY}}"}}
    - {{name: hashed, key_hash: {hash}}}
"""
