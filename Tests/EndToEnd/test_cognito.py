"""Users who log in at Amazon Cognito, which moto serves: its own tokens, keys and claims."""

import caching
import cognito
import issuer_tables
import jwt
import pytest
import token_verdicts
from token_verdicts import ACCEPTED, INVALID


@pytest.fixture(scope="module")
def pool(moto):
    return cognito.Pool(moto)


@pytest.fixture(scope="module")
def other_pool(moto):
    return cognito.Pool(moto)


@pytest.fixture(scope="module")
def logged_in(pool):
    return pool.log_in("somebody")


@pytest.fixture
def using(answering, pool):
    """A proxy for the pool's users: `with using(audiences=[…]) as proxy`."""

    def using(*others, **rules):
        return caching.proxy(issuer_tables.table(answering, pool.entry(**rules), *others))

    return using


def test_an_id_token_has_the_app_as_its_audience(using, answering, pool, logged_in):
    for rules in ({"audiences": [pool.app]}, {"client_ids": [pool.app]}, {"client_ids": [pool.app], "token_use": "id"}):
        with using(**rules) as proxy:
            token_verdicts.check(proxy, answering, logged_in["id"], ACCEPTED)
    for rules in ({"audiences": ["another"]}, {"client_ids": ["another"]}):
        with using(**rules) as proxy:
            token_verdicts.check(proxy, answering, logged_in["id"], INVALID)


def test_an_access_token_has_the_app_as_its_client(using, answering, pool, logged_in):
    for rules in ({"client_ids": [pool.app]}, {"client_ids": ["another", pool.app], "token_use": "access"}):
        with using(**rules) as proxy:
            token_verdicts.check(proxy, answering, logged_in["access"], ACCEPTED)
    for rules in ({"client_ids": ["another"]}, {"audiences": [pool.app]}):
        with using(**rules) as proxy:
            token_verdicts.check(proxy, answering, logged_in["access"], INVALID)


@pytest.mark.parametrize("use", ["id", "access"])
def test_a_token_for_one_use_is_not_good_for_the_other(using, answering, pool, logged_in, use):
    with using(client_ids=[pool.app], token_use=use) as proxy:
        for other, token in logged_in.items():
            token_verdicts.check(proxy, answering, token, ACCEPTED if other == use else INVALID)


def test_another_app_of_the_pool_is_refused(using, answering, pool):
    theirs = pool.log_in(app=pool.new_app())
    with using(client_ids=[pool.app]) as proxy:
        for token in theirs.values():
            token_verdicts.check(proxy, answering, token, INVALID)


def test_another_pool_is_refused(using, answering, pool, other_pool, logged_in):
    """All pools of moto have the same key with the same ID."""
    theirs = other_pool.log_in(app=other_pool.app)
    assert jwt.get_unverified_header(theirs["id"])["kid"] == jwt.get_unverified_header(logged_in["id"])["kid"]
    with using(client_ids=[pool.app, other_pool.app]) as proxy:
        for use, token in theirs.items():
            token_verdicts.check(proxy, answering, token, INVALID)
            token_verdicts.check(proxy, answering, logged_in[use], ACCEPTED)
    with using(other_pool.entry(client_ids=[pool.app]), client_ids=[other_pool.app]) as proxy:
        for token in (*theirs.values(), *logged_in.values()):
            token_verdicts.check(proxy, answering, token, INVALID)


def test_groups_may_be_required_or_choose_a_plan(using, answering, pool):
    admin, guest = pool.log_in(None, "admins", "others"), pool.log_in()
    groups = {"cognito:groups": ["admins", "staff"]}
    with using(client_ids=[pool.app], required_claims=groups) as proxy:
        for use in ("id", "access"):
            token_verdicts.check(proxy, answering, admin[use], ACCEPTED)
            token_verdicts.check(proxy, answering, guest[use], INVALID)
    with using(client_ids=[pool.app], plans=[{"name": "staff", "match": groups, "rpm": 7}]) as proxy:
        assert issuer_tables.me(proxy, admin["access"]).json["plan"] == "staff"
        assert issuer_tables.me(proxy, guest["access"]).json.get("plan") is None


def test_both_tokens_of_a_user_are_the_same_user(using, answering, pool, logged_in):
    with using(client_ids=[pool.app]) as proxy:
        users = {issuer_tables.me(proxy, token).json["user"] for token in logged_in.values()}
        (user,) = users
        assert issuer_tables.me(proxy, pool.log_in()["access"]).json["user"] != user


def test_the_pools_discovery_document_is_not_asked_if_the_table_has_the_keys(using, pool, answering, logged_in):
    """AWS's own address isn't reachable from here: without `jwks_url` there are no keys."""
    with using(client_ids=[pool.app], jwks_url=f"{pool.moto.endpoint}/{pool.id}/nothing") as proxy:
        response = issuer_tables.chat(proxy, logged_in["access"])
        assert (response.status, response.error["code"]) == (503, "token_issuer_unavailable")
