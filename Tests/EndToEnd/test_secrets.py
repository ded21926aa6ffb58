"""Whatever happens, neither content nor secrets are ever logged."""

import hashlib
import json

import answers
import calls
import pytest
import wire

# No text that contains this word may be found anywhere.
MARK = "MARKED"
KEY = f"sk-{MARK}-key-of-a-client"
TOKEN = f"{MARK}-token-of-the-provider"
PROMPT = f"{MARK} prompt"
TABLE = """
up:      {{url: "{up}/v1", token: "${{TOKEN}}", num_retries: 0, input_cost_per_token: 1, output_cost_per_token: 1}}
quick:   {{url: "{up}/v1", token: "${{TOKEN}}", num_retries: 0, timeout: 0.3}}
closed:  {{url: "http://127.0.0.1:{closed}/v1", token: "${{TOKEN}}", num_retries: 1, fallbacks: [up]}}
page:    {{url: "{up}", token: "${{TOKEN}}", reverse_proxy: true, auth_header: x-token}}
settings:
  {store}
  virtual_keys:
    - {{name: web, key: "${{KEY}}", rpm: 100000, tpm: 1000000000, max_parallel_requests: 100}}
    - {{name: poor, key: "{mark}-key-of-the-poor", rpm: 1, allowed_models: [small]}}
    - {{name: odd, key: "{odd}"}}
    - {{name: hashed, key_hash: "{hashed}"}}
"""
ODD_KEY = f"a/b+c:{MARK}@d,e;f(g)'h=="
HASHED_KEY = f"z+/{MARK}/b:c="
KEYS = {"mark": MARK, "odd": ODD_KEY, "hashed": hashlib.sha256(HASHED_KEY.encode()).hexdigest()}
MARKED_ANSWER = answers.completion(f"{MARK} answer")
MARKED_ERROR = {"error": {"message": f"{MARK} error quotes {PROMPT}", "code": MARK, "type": MARK, "param": MARK}}


def chat(**more):
    return {"model": "m", "messages": [{"role": "user", "content": PROMPT}], "user": MARK, **more}


def broken_off(exchange):
    exchange.start(200, answers.SSE)
    exchange.chunk(answers.event(answers.delta(MARK)) + f'data: {{"half": "{MARK}'.encode())
    exchange.reset()


def not_http(exchange):
    exchange.send(f"{MARK} is no HTTP\r\n\r\n".encode())
    exchange.close()


PROVOKED = [
    "upstream_truncated", "upstream_timeout", "upstream_reported_error", "policy_model_not_allowed",
    "caller_invalid_api_key", "upstream_disconnected", "upstream_redirected", "store of the limits",
]  # fmt: skip
SSE_ERROR = answers.event(answers.delta(MARK)) + answers.event(MARKED_ERROR)
SCRIPTS = [
    answers.plain(MARKED_ANSWER),
    answers.stream(MARK, MARK),
    answers.pieces([answers.event(answers.delta(MARK))]),
    answers.pieces([SSE_ERROR]),
    answers.plain(MARKED_ERROR),
    *[answers.plain(MARKED_ERROR, status=status) for status in (400, 401, 403, 404, 429, 500, 503)],
    answers.raw(500, [("Content-Type", "text/html")], f"<h1>{MARK}</h1>".encode()),
    answers.raw(302, [("Location", f"https://{MARK.lower()}.example/{MARK}")], b""),
    answers.raw(200, [("Content-Type", "application/json"), ("Content-Encoding", f"x-{MARK[:3]}")], MARK.encode()),
    answers.raw(200, [("Content-Type", "application/json"), ("Set-Cookie", MARK)], f'{{"no json {MARK}'.encode()),
    broken_off,
    not_http,
    lambda exchange: exchange.reset(),
    lambda exchange: exchange.until_the_other_side_leaves(),
]


def requests(origin):
    """All requests that no script answers, each with its body."""
    bad = [f'{{"messages": "{MARK}', f'["{MARK}"]', f'{{"model": "a", "model": "{MARK}"}}', MARK, ""]
    for body in bad:
        yield "POST", "/up/v1/chat/completions", body.encode(), {}
    chats = json.dumps(chat()).encode()
    for key in (None, f"{MARK}-wrong", f"{KEY} ", KEY[:-1], f"Bearer {KEY}", f"{MARK}-wrong-but-long-enough-{MARK}"):
        yield "POST", "/up/v1/chat/completions", chats, {"key": key}
    for path in ("/nowhere/v1/chat/completions", "/up/v1/files", "/up/v2/x", "/up/%zz", "/closed/v1/chat/completions"):
        yield "POST", f"{path}?key={MARK}&api_key={MARK}", chats, {"headers": {"Cookie": MARK, "X-Api-Key": KEY}}
    # The key itself where it doesn't belong, and other keys.
    encoded = "".join(f"%{byte:02x}" for byte in KEY.encode())
    for word in (KEY, encoded, f"x-{KEY}", f"{MARK}-key-of-the-poor", TOKEN, f"sk-{MARK}0123456789"):
        for path in (f"/{word}/v1/x", f"/up/v1/{word}", f"/up/{word}/x", f"/up/v1/{'a/' * 45}{word}"):
            yield "GET", path, b"", {}
        yield "POST", f"/page/x?key={word}", b"", {}
    for word in (ODD_KEY, f"x{ODD_KEY}y", HASHED_KEY, f"a,{HASHED_KEY},b"):
        for path in (f"/{word}/v1/x", f"/up/v1/{word}", f"/up/v1/key={word}/x"):
            yield "GET", path, b"", {}
        yield "POST", "/up/v1/chat/completions", json.dumps(chat(model=f"openai/{word}")).encode(), {}
    for word in (KEY, TOKEN, f"{'a/' * 45}{KEY}"):
        for key in (KEY, f"{MARK}-key-of-the-poor"):
            yield "POST", "/up/v1/chat/completions", json.dumps(chat(model=word)).encode(), {"key": key}
    for _ in range(3):
        yield "POST", "/up/v1/chat/completions", chats, {"key": f"{MARK}-key-of-the-poor"}
    yield "DELETE", "/up/v1/chat/completions", chats, {}
    yield "GET", "/v1/models", b"", {}
    yield "GET", "/health", b"", {"key": f"{MARK}-nobody"}


def provoke(program, upstream):
    """Send every kind of request through the program."""
    for stream in (False, True):
        for server in ("up", "quick", "page"):
            for script in SCRIPTS:
                if script is SCRIPTS[-1] and server != "quick":
                    continue
                upstream.script(script)
                path = f"/{server}/v1/chat/completions?token={MARK}"
                try:
                    calls.call(program.origin, "POST", path, chat(stream=stream), key=KEY)
                except (wire.Disconnected, OSError):
                    pass
                upstream.forget()
    for method, path, body, options in requests(program.origin):
        upstream.script(answers.plain(MARKED_ERROR, status=400))
        calls.call(program.origin, method, path, body, **{"key": KEY, **options})
        upstream.forget()


@pytest.mark.parametrize("format", ["Text", "JSON"])
def test_neither_content_nor_secrets_are_written(start, session_upstream, closed_port, format):
    session_upstream.forget()
    store = f'store: {{dynamodb: {{table: limits, region: eu-west-1, endpoint: "http://127.0.0.1:{closed_port}"}}}}'
    table = TABLE.format(up=session_upstream.origin, closed=closed_port, store=store, **KEYS)
    program = start(
        table, TOKEN=TOKEN, KEY=KEY, AWS_LAMBDA_LOG_LEVEL="TRACE", AWS_LAMBDA_LOG_FORMAT=format,
        AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY=f"{MARK}secret", AWS_SESSION_TOKEN=f"{MARK}session",
    )  # fmt: skip
    provoke(program, session_upstream)
    calls.call(program.origin, "GET", "/last-of-all", key=KEY)
    log = program.log_with("/last-of-all")
    written = [line for line in log.splitlines() if MARK.lower() in line.lower()]
    assert not written, "\n".join(line[:500] for line in written[:5])
    # The faults that were provoked did happen.
    for kind in PROVOKED:
        assert kind in log, kind


def test_names_from_callers_are_cut_in_the_log_and_in_the_response(start, session_upstream):
    program = start(TABLE.format(up=session_upstream.origin, closed=9, store="", **KEYS), TOKEN=TOKEN, KEY=KEY)
    for path in ("/" + "a" * 20_000, "/up/v1/" + "a/" * 9_999 + "a", "/up/" + "%61/" * 5_000 + "a"):
        response = calls.call(program.origin, "GET", path, key=KEY)
        assert response.status == 404
        assert len(response.error["message"]) < 500
        found = response.header("x-proxy-request-id")
        (line,) = [line for line in program.log_with(found).splitlines() if found in line]
        assert len(line) < 2000, line[:3000]
        assert "a" * 301 not in line and "a/" * 151 not in line
