"""`trust_gateway`: a caller that API Gateway has checked needs no key of the proxy."""

import itertools
import json

import calls
import doors
import functions
import gateway_callers
import issuer_tables
import pytest
import records
from gateway_callers import CASES, OTHERS, VOUCHING, user

CHAT = "/server/v1/chat/completions"
NAMES = itertools.count(1)
PLANS = [{"name": "pro", "match": {"plan": "pro"}, "allowed_models": ["large", "small"], "requests_per_month": 3}]
ISSUERS = [
    issuer_tables.backend(
        allowed_models=["small"], user_limits={"requests_per_month": 2}, plans=PLANS, audiences=["the-app"],
    ),
]  # fmt: skip
TRUST = {"trust_gateway": True}
NARROW = {"requests_per_month": 2, "allowed_servers": ["server"], "allowed_models": ["small"]}


def table(up, **settings):
    other = {"url": f"{up.origin}/other/v1", "num_retries": 0}
    return issuer_tables.table(up, *ISSUERS, servers={"other": other}, **settings)


def behind_table(**settings):
    @pytest.fixture(scope="module")
    def behind(session_upstream):
        with functions.behind_all_doors(table(session_upstream, **settings), PROXY_FUNCTION_URL="iam") as behind:
            yield behind

    return behind


trusting = behind_table(**TRUST)
limiting = behind_table(**TRUST, gateway_callers=NARROW)
careful = behind_table()


def somebody():
    return f"caller-{next(NAMES)}"


def ask(behind, door, context, model="small", path=CHAT, key=None, **options):
    return behind.call(door, path=path, body=calls.chat(model=model), key=key, **context, **options)


def outcome(response):
    return response.status if response.status == 200 else response.error["code"]


@pytest.mark.parametrize(("kind", "door"), CASES, ids=str)
def test_a_caller_that_was_checked_needs_no_key(trusting, answering, kind, door):
    response = ask(trusting, door, kind.context(door, somebody()))
    assert response.status == 200, response.body
    assert trusting.call(door, "GET", "/v1/me", key=None, **kind.context(door, "x")).status == 200


@pytest.mark.parametrize(("kind", "door"), CASES, ids=str)
def test_without_the_setting_it_does(careful, answering, kind, door):
    assert ask(careful, door, kind.context(door, somebody())).status == 401
    assert answering.saw_nothing


@pytest.mark.parametrize("door", OTHERS, ids=str)
@pytest.mark.parametrize("form", [doors.HTTP_API, doors.REST_API], ids=["jwt", "claims"])
def test_through_other_doors_nobody_is_trusted(trusting, answering, door, form):
    """Whoever may invoke the function could write anything into such an event."""
    for context in (user(form), gateway_callers.principal(door), gateway_callers.api_key(door)):
        assert ask(trusting, door, context).status == 401
    assert answering.saw_nothing


def test_a_direct_invocation_is_not_trusted_either(trusting, answering):
    for more in (user(doors.HTTP_API), {"identity": {"apiKeyId": "x"}}):
        answer = trusting.buffering.ask({"server": "server", "path": "/v1/chat/completions", "body": {}, **more})
        assert answer.failure["errorType"] == "Function.AccessDenied"
    assert answering.saw_nothing


@pytest.mark.parametrize("door", VOUCHING, ids=str)
def test_the_token_that_the_gateway_has_checked_may_be_in_the_headers(trusting, answering, door):
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
    assert ask(trusting, door, user(door, sub=somebody()), key=token).status == 200
    assert token not in str(answering.request().headers)


WRONG = [
    5, "x", [], True, {}, {"claims": 5}, {"claims": []}, {"claims": {}}, {"claims": {"sub": "x", "iss": 5}},
    {"claims": {"sub": ["x"], "iss": "i"}}, {"claims": {"sub": "", "iss": "i"}}, {"claims": {"iss": "i"}},
    {"claims": {"sub": {"a": "x"}, "iss": "i"}}, {"claims": {"sub": None, "iss": "i"}},
    {"claims": {"sub": "x", "iss": ""}},
    {"jwt": 5}, {"jwt": []}, {"jwt": {"claims": []}}, {"jwt": {"claims": {"sub": 1, "iss": "i"}}}, {"jwt": {}},
    {"principalId": 5}, {"principalId": ""}, {"principalId": ["x"]}, {"principalId": None}, {"principalId": {}},
    {"iam": {"userArn": "arn:aws:iam::111122223333:user/x", "userId": "x"}}, {"PrincipalId": "x"}, {"scopes": ["x"]},
]  # fmt: skip


@pytest.mark.parametrize("authorizer", WRONG, ids=json.dumps)
@pytest.mark.parametrize("door", VOUCHING, ids=str)
def test_an_authorizer_that_names_nobody_counts_as_absent(trusting, answering, door, authorizer):
    response = ask(trusting, door, {"authorizer": authorizer})
    assert (response.status, response.error["code"]) == (401, "invalid_api_key")
    assert answering.saw_nothing


@pytest.mark.parametrize(
    "identity", [5, [], {}, {"apiKeyId": 5}, {"apiKeyId": ""}, {"apiKeyId": None}, {"apiKey": "x"}], ids=str
)
@pytest.mark.parametrize("door", gateway_callers.REST_ONLY, ids=str)
def test_an_identity_that_names_no_key_counts_as_absent(trusting, answering, door, identity):
    assert ask(trusting, door, {"identity": identity}).status == 401
    assert answering.saw_nothing


@pytest.mark.parametrize(("kind", "door"), CASES, ids=str)
def test_a_key_of_the_proxy_comes_first(trusting, answering, kind, door):
    response = ask(trusting, door, kind.context(door, somebody()), key=calls.KEY)
    assert response.status == 200
    assert records.of(trusting.behind(door).process, response)["key"] == "tests"


@pytest.mark.parametrize("door", VOUCHING, ids=str)
def test_a_token_of_an_issuer_comes_first(trusting, answering, door):
    token = issuer_tables.backend_token(somebody(), aud="the-app", plan="pro")
    told = trusting.call(door, "GET", "/v1/me", key=token, **user(door, sub=somebody())).json
    assert (told["type"], told["plan"]) == ("user", "pro")


@pytest.mark.parametrize(("kind", "door"), CASES, ids=str)
def test_each_caller_has_limits_of_its_own(limiting, answering, kind, door):
    first, second = somebody(), somebody()
    assert [ask(limiting, door, kind.context(door, first)).status for _ in range(3)] == [200, 200, 429]
    assert ask(limiting, door, kind.context(door, second)).status == 200


def test_the_same_user_counts_once_through_all_doors(limiting, answering):
    name = somebody()
    through = [doors.REST_API, doors.HTTP_API, doors.HTTP_API_1]
    assert [ask(limiting, door, user(door, sub=name)).status for door in through] == [200, 200, 429]


def test_the_same_name_at_two_issuers_is_two_users(limiting, answering):
    name, door = somebody(), doors.REST_API
    for issuer in ("https://one.example", "https://two.example"):
        statuses = [ask(limiting, door, user(door, sub=name, iss=issuer)).status for _ in range(3)]
        assert statuses == [200, 200, 429]


def test_kinds_of_callers_with_the_same_name_are_different(limiting, answering):
    name, door = somebody(), doors.REST_API
    for kind in gateway_callers.KINDS:
        assert [ask(limiting, door, kind.context(door, name)).status for _ in range(3)] == [200, 200, 429]


def test_a_name_with_separators_is_not_another_caller(limiting, answering):
    """Neither issuer and user, nor the kinds of callers, can be joined to the name of somebody else."""
    door = doors.REST_API
    for issuer, sub in [("https://i.example", "a/b"), ("https://i.example/a", "b"), ("https://i.example a", "b")]:
        assert [ask(limiting, door, user(door, sub=sub, iss=issuer)).status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(("kind", "door"), CASES, ids=str)
def test_the_allow_lists_apply(limiting, answering, kind, door):
    context = kind.context(door, somebody())
    assert outcome(ask(limiting, door, context, path="/other/v1/chat/completions")) == "server_not_allowed"
    assert outcome(ask(limiting, door, context, model="large")) == "model_not_allowed"
    assert answering.saw_nothing


@pytest.mark.parametrize("door", VOUCHING, ids=str)
@pytest.mark.parametrize(("plan", "models", "requests"), [("pro", {"small", "large"}, 3), (None, {"small"}, 2)])
def test_a_known_issuers_plans_apply_without_its_signature(trusting, answering, door, plan, models, requests):
    context = user(door, sub=somebody(), iss="my-backend", aud="the-app", plan=plan)
    allowed = {model for model in ("small", "large", "other") if outcome(ask(trusting, door, context, model)) == 200}
    assert allowed == models
    context = user(door, sub=somebody(), iss="my-backend", aud="the-app", plan=plan)
    statuses = [ask(trusting, door, context).status for _ in range(requests + 1)]
    assert statuses == [200] * requests + [429]
    assert trusting.call(door, "GET", "/v1/me", key=None, **context).json.get("plan") == plan


@pytest.mark.parametrize("door", VOUCHING, ids=str)
@pytest.mark.parametrize("audience", ["another-app", None])
def test_a_known_issuers_rules_apply(trusting, answering, door, audience):
    context = user(door, sub=somebody(), iss="my-backend", aud=audience)
    assert ask(trusting, door, context).status == 401
    assert answering.saw_nothing


@pytest.mark.parametrize("door", VOUCHING, ids=str)
def test_a_user_counts_once_with_a_token_and_through_the_gateway(trusting, answering, door):
    name = somebody()
    token = issuer_tables.backend_token(name, aud="the-app")
    assert trusting.call(door, path=CHAT, body=calls.chat(model="small"), key=token).status == 200
    context = user(door, sub=name, iss="my-backend", aud="the-app")
    assert [ask(trusting, door, context).status for _ in range(2)] == [200, 429]


def test_an_address_in_a_claim_is_not_in_the_record(trusting, answering):
    door = doors.REST_API
    context = user(door, sub=somebody(), email="somebody@example.com")
    response = ask(trusting, door, context)
    record = records.of(trusting.behind(door).process, response)
    assert "somebody@example.com" not in json.dumps(record)


def test_behind_a_public_url_the_start_is_refused(session_upstream):
    said = functions.failed_start(table(session_upstream, **TRUST), PROXY_FUNCTION_URL="public")
    assert "trust_gateway" in said and "PROXY_FUNCTION_URL" in said


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"trust_gateway": "perhaps"}, "trust_gateway"), ({"trust_gateway": 5}, "trust_gateway"),
     ({**TRUST, "gateway_callers": {"rmp": 5}}, "rmp"), ({**TRUST, "gateway_callers": 5}, "gateway_callers"),
     ({**TRUST, "gateway_callers": {"allowed_servers": ["nosuch"]}}, "nosuch")],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start(session_upstream, settings, word):
    assert word in functions.failed_start(table(session_upstream, **settings), PROXY_FUNCTION_URL="none")


@pytest.mark.parametrize("value", ["none", "iam", None, ""])
@pytest.mark.parametrize("trust", [True, False])
def test_a_warning_unless_the_url_is_known_to_be_closed(session_upstream, value, trust):
    variables = {} if value is None else {"PROXY_FUNCTION_URL": value}
    with functions.serving(table(session_upstream, trust_gateway=trust), **variables) as function:
        refused = function.ask(doors.FUNCTION_URL.event("GET", "/nosuch/v1/x")).prelude["headers"]["x-proxy-request-id"]
        log = function.process.log_with(refused)
        warned = [line for line in log.splitlines() if "PROXY_FUNCTION_URL" in line]
    assert bool(warned) == (trust and value not in ("none", "iam")), warned


def test_an_unknown_word_for_the_url_stops_the_start(session_upstream):
    log = functions.failed_start(table(session_upstream, **TRUST), PROXY_FUNCTION_URL="Public")
    assert "PROXY_FUNCTION_URL must be 'public', 'iam' or 'none'" in log


def test_an_open_url_without_trust_starts(session_upstream):
    with functions.serving(table(session_upstream), PROXY_FUNCTION_URL="public") as function:
        function.serves_on()
