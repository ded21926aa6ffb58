"""Limits of users: each user has its own, and all users of an issuer share another one."""

import itertools
import threading

import answers
import calls
import issuer_tables
import pytest
from issuer_tables import CHAT, backend, backend_token

PRICES = {"input_cost_per_token": 1, "output_cost_per_token": 1}
USERS = itertools.count(1)
# By issuer. A chat completion of the scripted upstream takes three tokens, which cost three dollars.
ISSUERS = [
    backend("minute", user_limits={"rpm": 3}),
    backend("month", user_limits={"requests_per_month": 3}),
    backend("tokens", user_limits={"tokens_per_day": 5}),
    backend("budget", user_limits={"max_budget": 8, "budget_duration": "day"}),
    backend("all", requests_per_month=5, user_limits={"requests_per_month": 3}),
    backend("all-only", requests_per_month=2),
    backend("all-tokens", tokens_per_month=8),
    backend("at", user_limits={"server_limits": {"other": {"requests_per_month": 1}}}),
    backend("all-at", server_limits={"other": {"requests_per_month": 2}}),
    backend("unlimited"),
    backend("plans", user_limits={"requests_per_month": 1, "server_limits": {"other": {"requests_per_month": 1}}},
            plans=[{"name": "pro", "match": {"plan": "pro"}, "requests_per_month": 2,
                    "server_limits": {"other": {"requests_per_month": 2}}}]),
]  # fmt: skip
OTHER = "/other/v1/chat/completions"


@pytest.fixture(scope="module")
def proxy(start, session_upstream):
    other = {"url": f"{session_upstream.origin}/v1", "num_retries": 0}
    return start(issuer_tables.table(session_upstream, *ISSUERS, server=PRICES, servers={"other": other}))


def somebody(issuer, **claims):
    """A token of a user that no other test has."""
    return backend_token(f"user-{next(USERS)}", issuer, **claims)


def answered(proxy, token, path=CHAT, most=20):
    """How many requests are answered before the first one is refused, and the refusal."""
    for count in range(most):
        response = issuer_tables.chat(proxy, token, path=path)
        if response.status != 200:
            assert response.status == 429
            return count, response
    return most, None


@pytest.mark.parametrize(
    "issuer, most, code, words",
    [
        ("month", 3, "insufficient_quota", "3 requests a month"),
        ("tokens", 2, "insufficient_quota", "5 tokens a day"),
        ("budget", 3, "insufficient_quota", "$8.0 a day"),
    ],
)
def test_each_user_has_a_limit_of_its_own(proxy, answering, issuer, most, code, words):
    for _ in range(3):
        count, refused = answered(proxy, somebody(issuer))
        assert (count, refused.error["code"]) == (most, code)
        assert refused.error["message"].startswith(f"The limit of this user has been reached: {words}. Try again in ")
        assert refused.header("x-should-retry") == "false" and refused.header("retry-after") is None


def test_a_limit_of_a_minute_says_when_to_try_again(proxy, answering):
    for _ in range(2):
        count, refused = answered(proxy, somebody("minute"))
        # A minute may have ended meanwhile.
        assert 3 <= count <= 6
        assert refused.error["code"] == "rate_limit_exceeded" and "3 requests a minute" in refused.error["message"]
        assert 1 <= int(refused.header("retry-after")) <= 60
        assert refused.header("x-ratelimit-remaining-requests") == "0"


def test_a_new_token_of_a_user_has_the_same_limit(proxy, answering):
    name = f"user-{next(USERS)}"
    for number in range(3):
        token = backend_token(name, "month", jti=str(number))
        assert issuer_tables.chat(proxy, token).status == 200
    assert issuer_tables.chat(proxy, backend_token(name, "month", jti="last")).status == 429
    assert issuer_tables.chat(proxy, backend_token(f"{name} ", "month")).status == 200


def test_open_requests_are_limited_for_each_user(start, upstream):
    """In one process that serves several requests at once."""
    proxy = start(
        issuer_tables.table(upstream, backend("parallel", user_limits={"max_parallel_requests": 1})),
        "--managed-instance",
        "--concurrency",
        3,
    )
    one, other = somebody("parallel"), somebody("parallel")
    end = threading.Event()
    upstream.script(answers.stepwise([(None, answers.event(answers.delta("a"))), (end, answers.event("[DONE]"))]))
    opened = calls.opened(proxy.origin, "POST", CHAT, calls.chat(stream=True), key=one)
    with opened as (response, pieces):
        assert response.status == 200
        next(pieces)
        refused = issuer_tables.chat(proxy, one)
        assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
        assert "this user has been reached: 1 request open at once" in refused.error["message"]
        upstream.script(answers.plain(answers.completion()))
        assert issuer_tables.chat(proxy, other).status == 200
        end.set()
        assert b"".join(pieces).endswith(b"data: [DONE]\n\n")


def test_all_users_of_an_issuer_share_its_limit(proxy, answering):
    one, other, third = [somebody("all") for _ in range(3)]
    count, refused = answered(proxy, one)
    assert count == 3 and "this user has been reached: 3 requests a month" in refused.error["message"]
    count, refused = answered(proxy, other)
    message = refused.error["message"]
    assert count == 2 and "The limit of all users of 'all' together has been reached: 5 requests a month" in message
    assert answered(proxy, third)[0] == 0
    assert answered(proxy, somebody("all-only"))[0] == 2
    assert answered(proxy, somebody("all-only"))[0] == 0
    assert [answered(proxy, somebody("all-tokens"))[0] for _ in range(2)] == [3, 0]
    assert answered(proxy, somebody("unlimited"))[0] == 20
    assert issuer_tables.chat(proxy, calls.KEY).status == 200


def test_a_server_may_have_limits_of_its_own_for_users(proxy, answering):
    one, other = somebody("at"), somebody("at")
    count, refused = answered(proxy, one, OTHER)
    assert count == 1 and "The limit of this user at the server 'other' has been reached" in refused.error["message"]
    assert answered(proxy, one)[0] == 20
    assert answered(proxy, other, OTHER)[0] == 1
    count, refused = answered(proxy, somebody("all-at"), OTHER)
    assert count == 2 and "all users of 'all-at' together at the server 'other'" in refused.error["message"]
    assert answered(proxy, somebody("all-at"), OTHER)[0] == 0


def test_a_plan_has_limits_at_a_server_too(proxy, answering):
    for claims, most in [({}, 1), ({"plan": "pro"}, 2)]:
        assert answered(proxy, somebody("plans", **claims), OTHER)[0] == most
        assert answered(proxy, somebody("plans", **claims))[0] == most


def test_users_are_limited_like_keys_in_what_cannot_be_counted(proxy, answering):
    for members, code in [
        ({"tools": [{"type": "web_search"}]}, "tool_not_allowed"), ({"models": ["x"]}, "usage_unknown"),
        ({"previous_response_id": "resp_1"}, "stored_data_not_allowed"),
        ({"service_tier": "priority"}, "tier_not_allowed"),
    ]:  # fmt: skip
        refused = issuer_tables.chat(proxy, somebody("budget"), calls.chat(**members))
        assert (refused.status, refused.error["code"]) == (403, code)
        assert issuer_tables.chat(proxy, somebody("unlimited"), calls.chat(**members)).status == 200


def test_a_refused_request_uses_up_nothing(proxy, upstream):
    token = somebody("month")
    for _ in range(5):
        upstream.script(answers.plain(answers.error("No such model.", code="model_not_found"), 404))
        assert issuer_tables.chat(proxy, token).status == 404
    upstream.always = answers.plain(answers.completion())
    assert answered(proxy, token)[0] == 3


def test_the_same_user_of_two_issuers_is_two_users(proxy, answering):
    name = f"user-{next(USERS)}"
    assert answered(proxy, backend_token(name, "month"))[0] == 3
    assert answered(proxy, backend_token(name, "tokens"))[0] == 2
