"""The parameter UserPool: who logs users in, and what the function is told about it."""

import itertools
import re

import pytest
from stack import PSEUDO, every, only
from test_template import variables

ARN = "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_AbCdEf123"
KINDS = ("UserPool", "UserPoolDomain", "UserPoolClient")


def made(stack):
    return {kind: len(every(stack, f"AWS::Cognito::{kind}")) for kind in KINDS}


def test_without_users_nothing_is_made_for_them(deploy):
    stack = deploy(UserPool="none")
    assert made(stack) == dict.fromkeys(KINDS, 0)
    assert not [name for name in variables(stack) if name.startswith("COGNITO_")]
    assert not {"Issuer", "ClientId", "LoginUrl", "AddUser"} & set(stack["Outputs"])
    assert deploy() == stack


def test_a_user_pool_is_made_with_a_login_page_and_a_client(deploy):
    stack = deploy(UserPool="create", LoginCallbackURLs="https://a.example/,http://localhost:5173/")
    assert made(stack) == dict.fromkeys(KINDS, 1)
    pool, client = only(stack, "AWS::Cognito::UserPool"), only(stack, "AWS::Cognito::UserPoolClient")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert client["UserPoolId"] == {"Ref": "Users"}
    assert client["CallbackURLs"] == client["LogoutURLs"] == ["https://a.example/", "http://localhost:5173/"]
    told = variables(stack)
    assert told["COGNITO_ISSUER"] == {"Fn::GetAtt": ["Users", "ProviderURL"]}
    assert told["COGNITO_CLIENT_ID"] == {"Ref": "LoginClient"}
    page = "https://${UsersDomain}.auth.us-east-1.amazoncognito.com"
    assert told["COGNITO_AUTHORIZE_URL"] == f"{page}/oauth2/authorize"
    assert told["COGNITO_TOKEN_URL"] == f"{page}/oauth2/token"
    assert stack["Outputs"]["LoginUrl"]["Value"] == page
    command = stack["Outputs"]["AddUser"]["Value"]
    assert command.startswith("aws cognito-idp admin-create-user --region us-east-1 --user-pool-id ${Users} ")
    assert "\n" not in command


def test_the_accounts_of_users_outlive_the_stack(deploy):
    (pool,) = [r for r in deploy(UserPool="create")["Resources"].values() if r["Type"] == "AWS::Cognito::UserPool"]
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_client_is_one_that_a_page_can_be(deploy):
    client = only(deploy(UserPool="create"), "AWS::Cognito::UserPoolClient")
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"] and client["AllowedOAuthFlowsUserPoolClient"] is True
    assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]
    assert client["PreventUserExistenceErrors"] == "ENABLED" and client["EnableTokenRevocation"] is True
    # Nobody's password passes through a page.
    assert not [flow for flow in client["ExplicitAuthFlows"] if "PASSWORD" in flow]


@pytest.mark.parametrize("suffix", ["amazonaws.com", "amazonaws.com.cn"])
def test_an_existing_user_pool_gets_a_client_and_nothing_else(deploy, monkeypatch, suffix):
    monkeypatch.setitem(PSEUDO, "AWS::URLSuffix", suffix)
    stack = deploy(UserPool=ARN)
    assert made(stack) == {"UserPool": 0, "UserPoolDomain": 0, "UserPoolClient": 1}
    assert only(stack, "AWS::Cognito::UserPoolClient")["UserPoolId"] == "eu-central-1_AbCdEf123"
    issuer = f"https://cognito-idp.eu-central-1.{suffix}/eu-central-1_AbCdEf123"
    told = variables(stack)
    assert told["COGNITO_ISSUER"] == stack["Outputs"]["Issuer"]["Value"] == issuer
    assert told["COGNITO_CLIENT_ID"] == stack["Outputs"]["ClientId"]["Value"] == {"Ref": "LoginClient"}
    assert not {"COGNITO_AUTHORIZE_URL", "COGNITO_TOKEN_URL"} & set(told)
    assert not {"LoginUrl", "AddUser"} & set(stack["Outputs"])


def test_the_playground_logs_in_at_the_domain_of_an_existing_user_pool(deploy):
    told = variables(deploy(UserPool=ARN, LoginDomain="login.example.com"))
    assert told["COGNITO_AUTHORIZE_URL"] == "https://login.example.com/oauth2/authorize"
    assert told["COGNITO_TOKEN_URL"] == "https://login.example.com/oauth2/token"
    assert "COGNITO_TOKEN_URL" not in variables(deploy(UserPool="none", LoginDomain="login.example.com"))


def test_a_user_pool_is_none_a_new_one_or_an_arn(template):
    pattern = template["Parameters"]["UserPool"]["AllowedPattern"]
    gov = "arn:aws-us-gov:cognito-idp:us-gov-west-1:111122223333:userpool/us-gov-west-1_Ab1"
    for value in ("none", "create", ARN, gov):
        assert re.fullmatch(pattern, value), value
    for value in ("", "yes", "eu-central-1_AbCdEf123", "arn:aws:s3:::bucket", f"{ARN}/client/1", f"{ARN} "):
        assert not re.fullmatch(pattern, value), value


def test_the_key_for_the_hashes_of_users_is_in_no_address_and_no_output(deploy):
    stack = deploy(UserPool="create")
    key = variables(stack)["USER_ID_KEY"]
    assert key == PSEUDO["AWS::StackId"].rpartition("/")[2]
    stack["Resources"]["Proxy"]["Properties"]["Environment"] = {}
    assert not [part for part in key.split("-") if part in str(stack)]


def references(node):
    """The resources that a part of the template names, whether or not a condition leaves them out."""
    if isinstance(node, list):
        return set(itertools.chain.from_iterable(map(references, node)))
    if isinstance(node, str):
        return set()
    if not isinstance(node, dict):
        return set()
    found = references(list(node.values()))
    for name, argument in node.items():
        if name == "Ref":
            found.add(argument)
        elif name == "Fn::GetAtt":
            found.add((argument.split(".") if isinstance(argument, str) else argument)[0])
        elif name == "Fn::Sub":
            text = argument if isinstance(argument, str) else argument[0]
            found |= set(re.findall(r"\$\{(\w+)", text))
    return found


def test_no_resource_waits_for_itself(template):
    """Above all, the client can't name the function's URL, because the function names the client."""
    resources = template["Resources"]
    needs = {name: references(resource) & set(resources) for name, resource in resources.items()}
    while ready := {name for name, needed in needs.items() if not needed}:
        needs = {name: needed - ready for name, needed in needs.items() if name not in ready}
    assert needs == {}
    assert {"LoginClient", "UsersDomain"} <= references(resources["Proxy"])
