"""What users may use: allow-lists of their issuer, and plans that their claims choose."""

import itertools
import json

import answers
import calls
import issuer_tables
import pytest
import records
import token_verdicts
from issuer_tables import backend, backend_token

# Which values are accepted doesn't depend on how the program was built.
pytestmark = pytest.mark.debug_only

PLANS = [
    {"name": "pro", "match": {"plan": "pro"}, "allowed_models": ["large*", "small"], "requests_per_month": 4},
    {"name": "staff", "match": {"roles": ["admin", "staff"], "verified": True}, "allowed_servers": ["server", "other"],
     "allowed_models": ["*"]},
    {"name": "anybody", "match": {"plan": ["free", "trial"]}, "tokens_per_day": 1_000_000},
]  # fmt: skip
USERS = itertools.count(1)
ISSUERS = [
    backend(
        allowed_servers=["server"], allowed_models=["small"], allowed_tools=["web_search"],
        user_limits={"requests_per_month": 2, "rpm": 1000}, plans=PLANS,
    ),
    backend("open"),
    backend("stored", user_limits={"tpm": 1_000_000}, allow_stored_data=True, allowed_tools=["*"]),
    backend("closed", user_limits={"tpm": 1_000_000}),
]  # fmt: skip


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    other = {"url": f"{session_upstream.origin}/other/v1", "num_retries": 0}
    return start(issuer_tables.table(session_upstream, *ISSUERS, servers={"other": other}))


def somebody(issuer="my-backend", **claims):
    """A new user with these claims."""
    return backend_token(f"user-{next(USERS)}", issuer, **claims)


def ask(proxy, token, model="small", server="server", **more):
    body = json.dumps({"model": model, "messages": calls.MESSAGES, **more}).encode()
    response = issuer_tables.chat(proxy, token, body, f"/{server}/v1/chat/completions")
    return response.status if response.status == 200 else response.error["code"]


CLAIMS = [
    ({}, None), ({"plan": "pro"}, "pro"), ({"plan": ["free", "pro"]}, "pro"), ({"plan": "free"}, "anybody"),
    ({"plan": "trial"}, "anybody"), ({"plan": "PRO"}, None), ({"plan": None}, None), ({"plan": {"plan": "pro"}}, None),
    ({"roles": ["staff"], "verified": True}, "staff"), ({"roles": ["staff"]}, None), ({"verified": True}, None),
    ({"roles": "admin", "verified": "true"}, "staff"), ({"roles": ["staff"], "verified": False}, None),
    ({"plan": "pro", "roles": ["staff"], "verified": True}, "pro"), ({"plan": "pro "}, None), ({"name": "pro"}, None),
    ({"roles": ["admin"], "verified": True, "plan": "free"}, "staff"), ({"plan": True}, None), ({"plan": 5}, None),
]  # fmt: skip


@pytest.mark.parametrize("claims, plan", CLAIMS, ids=str)
def test_the_first_plan_that_fits_applies(proxy, answering, claims, plan):
    token = somebody(**claims)
    assert issuer_tables.me(proxy, token).json.get("plan") == plan
    record = records.of(proxy, issuer_tables.chat(proxy, token, calls.chat(model="small")))
    assert record.get("plan") == plan


ALLOWED = {
    "none": ({}, {"small"}, {"server"}),
    "pro": ({"plan": "pro"}, {"small", "large", "large-2"}, {"server"}),
    "staff": ({"roles": ["staff"], "verified": True}, {"small", "large", "large-2", "other"}, {"server", "other"}),
    "anybody": ({"plan": "free"}, {"small"}, {"server"}),
}


@pytest.mark.parametrize("plan", ALLOWED)
def test_a_plans_allow_lists_replace_the_issuers(proxy, answering, plan):
    claims, models, servers = ALLOWED[plan]
    for model in ("small", "large", "large-2", "other"):
        assert ask(proxy, somebody(**claims), model) == (200 if model in models else "model_not_allowed")
    for server in ("server", "other"):
        assert ask(proxy, somebody(**claims), server=server) == (200 if server in servers else "server_not_allowed")


@pytest.mark.parametrize("claims, most", [({}, 2), ({"plan": "pro"}, 4), ({"plan": "free"}, 2)])
def test_a_plans_limits_replace_the_same_ones_of_the_users(proxy, answering, claims, most):
    token, other = somebody(**claims), somebody(**claims)
    said = [ask(proxy, token) for _ in range(most + 2)]
    assert said == [200] * most + ["insufficient_quota"] * 2
    assert ask(proxy, other) == 200
    limits = {limit["limit"]: limit["amount"] for limit in issuer_tables.me(proxy, token).json["limits"]}
    assert limits["requests_per_month"] == most and limits["rpm"] == 1000
    assert ("tokens_per_day" in limits) == (claims == {"plan": "free"})


def test_tools_are_allowed_as_for_keys(proxy, answering):
    search, image = [{"tools": [{"type": kind}]} for kind in ("web_search", "image_generation")]
    stored = {"previous_response_id": "resp_1"}
    for issuer, asked, said in [
        ("my-backend", search, 200), ("my-backend", image, "tool_not_allowed"),
        ("my-backend", stored, "stored_data_not_allowed"), ("stored", stored, 200), ("stored", image, 200),
        ("closed", search, "tool_not_allowed"), ("closed", stored, "stored_data_not_allowed"), ("open", search, 200),
        ("open", stored, 200),
    ]:  # fmt: skip
        assert ask(proxy, somebody(issuer), **asked) == said, (issuer, asked)


def test_a_refusal_names_no_user(proxy, answering):
    token = backend_token(token_verdicts.MARK)
    for path, model in [("/server/v1/chat/completions", "large"), ("/other/v1/chat/completions", "small")]:
        response = issuer_tables.chat(proxy, token, calls.chat(model=model), path)
        assert response.status == 403 and "user" in response.error["message"]
        assert not token_verdicts.leaked(str(response.headers) + response.body.decode(), token)


def test_the_list_of_models_has_what_the_user_may_use(proxy, upstream):
    listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in ("small", "large", "other")]}
    for claims, shown in [({}, ["small"]), ({"plan": "pro"}, ["small", "large"])]:
        upstream.script(answers.plain(listed))
        response = calls.call(proxy.origin, "GET", "/server/v1/models", key=somebody(**claims))
        assert [model["id"] for model in response.json["data"]] == shown
