"""Keys, tokens and claims of every door are never logged or sent anywhere."""

import json

import answers
import direct
import doors
import functions
import gateway_callers
import pytest

# No text that contains this word may be found anywhere.
MARK = "MARKED"
KEY, TOKEN = f"sk-{MARK}-key-of-a-client", f"{MARK}-token-of-the-provider"
TABLE = """
server: {{url: "{up}/v1", token: "${{TOKEN}}", num_retries: 0}}
settings:
  trust_gateway: true
  direct_invocation: {{rpm: 100000}}
  virtual_keys: [{{name: tests, key: "${{KEY}}"}}]
"""
CHAT = "/server/v1/chat/completions"
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"{MARK} prompt"}]}).encode()
IDENTITY = {
    "apiKey": f"{MARK}-value-of-a-usage-plan", "apiKeyId": "k3y1d", "accessKey": f"ASIA{MARK}", "user": MARK,
    "cognitoIdentityId": MARK, "userArn": f"arn:aws:sts::111122223333:assumed-role/{MARK}/x",
}  # fmt: skip


def contexts(door):
    """What API Gateway says about callers, with something secret in each member that isn't used."""
    yield {}
    told = {"email": f"{MARK}@example.com", "name": MARK, "cognito:username": MARK, "aud": MARK, "scope": MARK}
    yield gateway_callers.user(door, **told)
    yield {"authorizer": {"principalId": "a-name", "token": MARK, "email": f"{MARK}@example.com"}}
    yield {"authorizer": {"lambda": {"token": MARK}, "iam": {"accessKey": f"ASIA{MARK}", "userArn": MARK}}}
    yield {"authorizer": {"claims": {"sub": ["x"], "iss": 5, "email": f"{MARK}@example.com"}}}
    yield {"identity": IDENTITY}
    yield {"identity": {**IDENTITY, "apiKeyId": None}}


def events(door):
    """Good and bad events with secrets."""
    for context in contexts(door):
        for key in (KEY, f"{MARK}-wrong", None):
            headers = [("x-api-key", f"{MARK}-of-the-gateway"), ("Cookie", f"session={MARK}"), ("X-Odd", MARK)]
            yield door.event("POST", CHAT, BODY, f"key={MARK}", headers, key, **context)
            yield door.event("POST", "/nosuch/v1/x", BODY, f"token={MARK}", headers, key, **context)
    good = door.event("POST", CHAT, BODY, key=KEY)
    yield good | {"body": f"?{MARK}", "isBase64Encoded": True}
    yield good | {"body": {MARK: MARK}}
    yield good | {"stageVariables": {"secret": MARK}, "headers": {"Authorization": [MARK]}}
    yield good | {
        "httpMethod": f"{MARK} X",
        "requestContext": {**good["requestContext"], "http": {"method": f"{MARK} X"}},
    }
    yield json.dumps(good).encode()[:-20]
    yield json.dumps(good).encode().replace(b"prompt", b"\xff")


def direct_events():
    for key in (KEY, f"{MARK}-wrong", f"{MARK}.{MARK}.{MARK}"):
        yield direct.chat("server", key=key, body=json.loads(BODY))
        yield direct.chat("server", key=key, body=f"{MARK} is no JSON")
        yield direct.chat("nosuch", key=key, headers={"Cookie": MARK, "Authorization": f"Bearer {KEY}"})
    yield {"server": "server", "path": 5, "key": KEY, "body": MARK}
    yield {"server": "server", "key": KEY, "body": MARK}
    yield {"warmer": False, "key": MARK}
    yield {"Records": [{"body": MARK, "Sns": {"Message": MARK}}]}
    yield {"ping": True, "key": MARK, "body": MARK}


@pytest.mark.parametrize("format", ["Text", "JSON"])
@pytest.mark.parametrize("status", [200, 400])
def test_neither_secrets_nor_claims_are_written(upstream, format, status):
    upstream.always = answers.plain(answers.error(f"{MARK} quotes"), status)
    variables = {"TOKEN": TOKEN, "KEY": KEY, "AWS_LAMBDA_LOG_LEVEL": "TRACE", "AWS_LAMBDA_LOG_FORMAT": format}
    told = []
    with functions.behind_all_doors(TABLE.format(up=upstream.origin), PROXY_FUNCTION_URL="iam", **variables) as behind:
        asked = [(behind.behind(door), event) for door in doors.DOORS for event in events(door)]
        asked += [(behind.buffering, event) for event in direct_events()]
        for function, event in asked:
            answer = function.ask(event)
            told += [answer.raw.replace(f"{MARK} quotes".encode(), b""), str(answer.headers).encode()]
        functions_ = {behind.buffering, behind.streaming}
    log = "".join(function.process.finished_log() for function in functions_)
    assert "/nosuch" in log or "nosuch" in log
    written = [line for line in log.splitlines() if MARK.lower() in line.lower()]
    assert not written, "\n".join(line[:500] for line in written[:5])
    for secret in (KEY, TOKEN, f"{MARK}@example.com", IDENTITY["apiKey"], f"{MARK}-of-the-gateway", f"ASIA{MARK}"):
        found = [answer for answer in told if secret.encode() in answer]
        assert not found, (secret, found[:2])
    while not upstream.saw_nothing:
        sent = upstream.request()
        text = str(sent.headers) + sent.target.replace(f"key={MARK}", "")
        assert MARK not in text.replace(TOKEN, ""), text
