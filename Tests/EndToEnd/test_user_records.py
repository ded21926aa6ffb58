"""What the log says about users: a hash, and nothing else of a token."""

import json

import answers
import caching
import calls
import issuer_tables
import pytest
import record_fields
import records
import signing_keys
import token_verdicts
import tokens
from issuer_tables import ME, backend, backend_token, me
from token_verdicts import MARK

USERS = 300
KEYS = {"one": "a key of the hash that is long enough", "two": "another key of the hash that is long enough"}


def hash_of(proxy, token):
    return records.of(proxy, me(proxy, token))["user.hash"]


@pytest.fixture(scope="module")
def issuers_by_name():
    return [backend(), backend("other"), backend("shown", log_users=True)]


@pytest.fixture(scope="module")
def proxy(start, session_upstream, issuers_by_name):
    return start(issuer_tables.table(session_upstream, *issuers_by_name, user_id_key=KEYS["one"]))


def test_a_hash_depends_on_the_key_the_issuer_and_the_user(proxy, upstream, issuers_by_name):
    first = hash_of(proxy, backend_token("somebody"))
    assert first == hash_of(proxy, backend_token("somebody", jti="another token"))
    others = {hash_of(proxy, backend_token("another")), hash_of(proxy, backend_token("somebody", "other"))}
    assert len(others | {first}) == 3
    with caching.proxy(issuer_tables.table(upstream, *issuers_by_name, user_id_key=KEYS["one"])) as again:
        assert hash_of(again, backend_token("somebody")) == first
    with caching.proxy(issuer_tables.table(upstream, *issuers_by_name, user_id_key=KEYS["two"])) as different:
        assert hash_of(different, backend_token("somebody")) != first


def without_key(up, *issuers):
    """A table without a key for the hash."""
    table = json.loads(issuer_tables.table(up, *issuers))
    del table["settings"]["user_id_key"]
    return json.dumps(table)


def test_the_key_of_the_hash_may_come_from_the_environment(proxy, upstream, issuers_by_name):
    first = hash_of(proxy, backend_token("somebody"))
    with caching.proxy(without_key(upstream, *issuers_by_name), USER_ID_KEY=KEYS["one"]) as same:
        assert hash_of(same, backend_token("somebody")) == first
        assert "user_id_key" not in same.log
    with caching.proxy(without_key(upstream, *issuers_by_name)) as other:
        assert hash_of(other, backend_token("somebody")) != first
        (line, *_) = [line for line in other.log_with("user_id_key").splitlines() if "user_id_key" in line]
        assert '"level":"WARN' in line


def test_no_issuer_no_warning(upstream):
    with caching.proxy(without_key(upstream)) as proxy:
        assert records.of(proxy, calls.call(proxy.origin, "GET", "/v1/models"))
        assert "user_id_key" not in proxy.log


def test_the_owner_may_ask_for_ids(proxy):
    for name in ("somebody@example.com", "é", 'q"uo\\te', "a" * 256):
        record = records.of(proxy, me(proxy, backend_token(name, "shown")))
        assert record["user.id"] == name and "user.hash" not in record
        assert set(record) <= set(record_fields.FIELDS)


def test_metrics_do_not_grow_with_users(proxy, answering):
    asked = [issuer_tables.chat(proxy, backend_token(f"user-{number}")) for number in range(USERS)]
    found = [records.of(proxy, response) for response in asked]
    assert len({record["user.hash"] for record in found}) == USERS
    values = set()
    for record in found:
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                values.add(tuple((name, record[name]) for name in names))
    assert values == {(("function", "local"),), (("function", "local"), ("key", "my-backend"))}


def test_a_token_in_the_query_is_not_forwarded(proxy, upstream):
    token = backend_token("somebody")
    upstream.script(answers.plain({"data": []}))
    assert calls.call(proxy.origin, "GET", f"/server/v1/models?b=1&key={token}&a", key=token).status == 200
    assert upstream.request().target.endswith("?b=1&a")


def test_nothing_of_a_token_is_ever_logged(start, answering, issuer):
    """Of good tokens and of all kinds of bad ones, wherever they are in the request."""
    entries = [issuer_tables.published(issuer), backend(), issuer_tables.published(issuer, "gone", "/gone")]
    proxy = start(issuer_tables.table(answering, *entries, user_id_key=KEYS["one"]))
    secrets = {
        "sub": f"{MARK}-sub", "email": f"{MARK}-mail@example.com", "jti": f"{MARK}-jti", "nonce": f"{MARK}-nonce",
        "scope": f"{MARK}-scope", "cognito:groups": [f"{MARK}-group"], "nested": {f"{MARK}-name": f"{MARK}-value"},
    }  # fmt: skip
    key = signing_keys.key_for("ES256")

    def published(name=issuer.name, signer=key, head=None, **changes):
        payload = tokens.claims(name, **{**secrets, **changes})
        return tokens.by_pyjwt("ES256", signer, payload, **(head or {}))

    good = published()
    made = [
        good, published(exp=1), published(nbf=9_000_000_000), published(aud=f"{MARK}-audience"),
        published(issuer_tables.url("gone")), published(f"{MARK}-issuer"), published(head={"kid": f"{MARK}-kid"}),
        published(head={"crit": [f"{MARK}-crit"]}), published(head={"jku": f"https://{MARK}.example/"}),
        published(signer=signing_keys.key_for("ES256", MARK)),
        published(sub=[MARK]), published(sub=f"{MARK}\n"), published(exp=MARK), good[:-20],
        good + "A", f"{good}.{good}", backend_token(secrets["sub"], email=secrets["email"]),
        published(padding=MARK * 2000),
    ]  # fmt: skip
    for token in made:
        for name, beginning in issuer_tables.HEADERS.items():
            issuer_tables.chat(proxy, None, headers={name: beginning + token})
        issuer_tables.chat(proxy, token, calls.chat(user=token, metadata={"token": token}))
        if token != made[-1]:
            issuer_tables.chat(proxy, token, path=f"{issuer_tables.CHAT}?key={token}")
            issuer_tables.chat(proxy, token, path=f"/{token}/v1/chat/completions")
        calls.call(proxy.origin, "GET", ME, key=token)
    log = proxy.log_with(records.of(proxy, me(proxy, good))["request_id"])
    assert MARK not in log
    leaks = {piece for token in made for part in token.split(".")[1:] for piece in token_verdicts.pieces(part)}
    assert not [piece for piece in leaks if piece in log]
