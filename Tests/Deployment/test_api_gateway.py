"""examples/api-gateway/template.yaml: a REST API that streams, as CloudFormation would make it."""

import json
import re

import httpx2
import openai
import pytest
import stack
from stack import every, only

USER_POOL = "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_AbCdEf123"
CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/0e2f6a70-cb2a-11f0-9d5c-0affc1d2e3f4"
WEB_ACL = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/mine/0e2f6a70"
ANY = "x-amazon-apigateway-any-method"


@pytest.fixture(scope="module")
def api_template(root):
    return stack.read(root / "examples/api-gateway/template.yaml")


@pytest.fixture(scope="module")
def deploy_api(api_template):
    """Returns the stack that CloudFormation would make with these parameters."""

    def deploy_api(**parameters):
        return stack.deploy(api_template, {"ClientKey": "a key of 16 letters", **parameters})

    return deploy_api


@pytest.fixture(scope="module")
def made(deploy_api):
    """The stack with the default parameters, for tests that don't change it."""
    return deploy_api()


def body(stack):
    return only(stack, "AWS::ApiGateway::RestApi")["Body"]


def methods(stack):
    return [(path, name, method) for path, item in body(stack)["paths"].items() for name, method in item.items()]


def test_every_path_and_method_reaches_the_function(made):
    expected = {(path, name) for path in ("/", "/{proxy+}") for name in (ANY, "options")}
    assert {(path, name) for path, name, _ in methods(made)} == expected
    for path, _, method in methods(made):
        named = {p["name"] for p in method.get("parameters", []) if p["in"] == "path" and p["required"]}
        assert named == set(re.findall(r"{(\w+)\+}", path))


def test_every_integration_streams_for_as_long_as_lambda_allows(made):
    """STREAM with the URI of a plain invocation is refused, and the other way round the body is empty."""
    for _, _, method in methods(made):
        integration = method["x-amazon-apigateway-integration"]
        assert integration.pop("uri").endswith(
            ":lambda:path/2021-11-15/functions/${Proxy.Outputs.FunctionArn}/response-streaming-invocations"
        )
        assert integration == {
            "type": "aws_proxy", "httpMethod": "POST", "responseTransferMode": "STREAM", "timeoutInMillis": 900_000,
        }  # fmt: skip


def test_the_endpoint_is_regional(made):
    """An edge-optimized one ends a stream after 30 seconds of silence."""
    assert only(made, "AWS::ApiGateway::RestApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


@pytest.mark.parametrize("pool, security", [
    ("", [{"api_key": []}]), (USER_POOL, [{"users": ["openid"]}, {"api_key": []}]),
])  # fmt: skip
def test_every_request_but_a_preflight_needs_a_key_and_perhaps_a_user(deploy_api, pool, security):
    made = deploy_api(UserPoolArn=pool)
    for _, name, method in methods(made):
        assert method["security"] == ([] if name == "options" else security)
    schemes = body(made)["components"]["securitySchemes"]
    assert set(schemes) == {name for scheme in security for name in scheme}
    assert schemes["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}
    assert body(made)["x-amazon-apigateway-api-key-source"] == "HEADER"
    if pool:
        assert schemes["users"]["name"] == "Authorization"
        assert schemes["users"]["x-amazon-apigateway-authtype"] == "cognito_user_pools"
        authorizer = {"type": "cognito_user_pools", "providerARNs": [USER_POOL]}
        assert schemes["users"]["x-amazon-apigateway-authorizer"] == authorizer


def test_the_function_streams_as_the_api_expects_and_has_no_url(made, template, deploy):
    nested = only(made, "AWS::CloudFormation::Stack")["Parameters"]
    function = only(deploy(**nested), "AWS::Lambda::Function")
    variables = function["Environment"]["Variables"]
    assert (variables["PROXY_FUNCTION_URL"], variables["PROXY_REST_TRANSFER"]) == ("none", "stream")
    assert variables["PROXY_ALLOWED_ORIGINS"] == "*"
    used = set(re.findall(r"Proxy[.\", ]+Outputs\.(\w+)", json.dumps(made)))
    assert {"FunctionArn", "LogGroup"} == used <= set(deploy(**nested)["Outputs"])


def test_what_the_function_needs_is_asked_for_here_as_there(api_template, template):
    own, nested = api_template["Parameters"], api_template["Resources"]["Proxy"]["Properties"]["Parameters"]
    assert set(nested) <= set(template["Parameters"])
    secrets = {name for name, parameter in template["Parameters"].items() if parameter.get("NoEcho")}
    assert secrets <= set(nested)
    for name in set(nested) - {"FunctionUrl", "RestTransfer"}:
        assert nested[name] == {"Ref": name}
        for key in ("Default", "NoEcho", "MinLength", "AllowedValues"):
            assert own[name].get(key) == template["Parameters"][name].get(key), (name, key)


def test_every_parameter_says_what_it_is_for_and_only_the_client_key_has_no_default(api_template):
    parameters = api_template["Parameters"]
    assert [name for name, parameter in parameters.items() if len(parameter.get("Description", "")) < 20] == []
    assert [name for name, parameter in parameters.items() if "Default" not in parameter] == ["ClientKey"]


def test_the_readme_explains_every_question_and_output(root, api_template, template):
    named = set(re.findall(r"`(\w+)`", (root / "examples/api-gateway/README.md").read_text()))
    own = set(api_template["Parameters"]) - set(template["Parameters"])
    assert own | set(api_template["Outputs"]) - {"Url"} <= named


def test_only_this_stage_may_invoke_the_function(made):
    permission = only(made, "AWS::Lambda::Permission")
    assert permission.pop("SourceArn") == "arn:aws:execute-api:us-east-1:111122223333:${Api}/prod/*"
    assert permission == {
        "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "SourceAccount": "111122223333",
        "FunctionName": {"Fn::GetAtt": ["Proxy", "Outputs.FunctionArn"]},
    }  # fmt: skip


def test_a_key_has_a_rate_and_a_quota_of_a_month(made, deploy_api):
    plan = only(made, "AWS::ApiGateway::UsagePlan")
    assert plan["Throttle"] == {"RateLimit": 100, "BurstLimit": 200}
    assert plan["Quota"] == {"Limit": 100, "Offset": 2, "Period": "MONTH"}
    assert plan["ApiStages"] == [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "ApiStage"}}]
    key = only(made, "AWS::ApiGateway::ApiKey")
    assert key["Enabled"] is True and "Value" not in key  # API Gateway makes the value
    of_plan = {"KeyId": {"Ref": "ApiKey"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "UsagePlan"}}
    assert only(made, "AWS::ApiGateway::UsagePlanKey") == of_plan
    larger = only(deploy_api(RequestsPerMonth=50_000, QuotaOffset=0), "AWS::ApiGateway::UsagePlan")
    assert larger["Quota"] == {"Limit": 50_000, "Offset": 0, "Period": "MONTH"}


def test_every_deployment_of_the_stack_deploys_the_api(deploy_api, monkeypatch):
    """Without AlwaysDeploy, the stage could keep the function, the mode and the authorizer that it had."""
    names = set()
    for now in (1_800_000_000, 1_800_000_060):
        monkeypatch.setattr("samtranslator.model.apigateway.time.time", lambda now=now: now)
        made = deploy_api()
        (name,) = every(made, "AWS::ApiGateway::Deployment")
        assert only(made, "AWS::ApiGateway::Stage")["DeploymentId"] == {"Ref": name}
        names.add(name)
    assert len(names) == 2


def test_the_access_log_says_how_long_a_stream_took(made):
    setting = only(made, "AWS::ApiGateway::Stage")["AccessLogSetting"]
    assert setting["DestinationArn"] == {"Fn::GetAtt": ["ApiLogGroup", "Arn"]}
    entry = json.loads(setting["Format"])
    assert all(re.fullmatch(r"\$context(\.\w+)+", value) for value in entry.values())
    streaming = {
        f"$context.integration.{v}" for v in ("responseTransferMode", "timeToAllHeaders", "timeToFirstContent")
    }
    assert streaming | {"$context.integrationLatency", "$context.identity.apiKeyId"} <= set(entry.values())


@pytest.mark.parametrize("access_log, role, group", [
    ("with-new-role", True, True), ("with-account-role", False, True), ("none", False, False),
])  # fmt: skip
def test_the_role_for_logs_is_made_if_the_account_has_none(deploy_api, access_log, role, group):
    made = deploy_api(AccessLog=access_log)
    stage = only(made, "AWS::ApiGateway::Stage")
    assert bool(every(made, "AWS::Logs::LogGroup")) == ("AccessLogSetting" in stage) == group
    assert bool(every(made, "AWS::IAM::Role")) == bool(every(made, "AWS::ApiGateway::Account")) == role
    assert stage["Variables"] == {"logRole": {"Ref": "LogAccount"} if role else "account"}
    assert ("AccessLogGroup" in made["Outputs"]) == group


def test_the_url_is_that_of_the_stage(made):
    assert made["Outputs"]["Url"]["Value"] == "https://${Api}.execute-api.us-east-1.amazonaws.com/prod"
    assert not every(made, "AWS::ApiGateway::DomainName") and not every(made, "AWS::ApiGateway::BasePathMapping")
    assert "DomainTarget" not in made["Outputs"]


@pytest.mark.parametrize("base_path, url", [("", "https://llm.example.com"), ("llm", "https://llm.example.com/llm")])
def test_the_url_can_be_a_domain_of_ones_own(deploy_api, base_path, url):
    made = deploy_api(DomainName="llm.example.com", CertificateArn=CERTIFICATE, BasePath=base_path)
    assert made["Outputs"]["Url"]["Value"] == url
    domain = only(made, "AWS::ApiGateway::DomainName")
    assert (domain["DomainName"], domain["RegionalCertificateArn"]) == ("llm.example.com", CERTIFICATE)
    mapping = only(made, "AWS::ApiGateway::BasePathMapping")
    assert mapping.get("BasePath", "") == base_path
    assert (mapping["RestApiId"], mapping["Stage"]) == ({"Ref": "Api"}, {"Ref": "ApiStage"})


def test_a_firewall_can_filter_the_requests(made, deploy_api):
    assert every(made, "AWS::WAFv2::WebACLAssociation") == {}
    association = only(deploy_api(WebAclArn=WEB_ACL), "AWS::WAFv2::WebACLAssociation")
    assert association["WebACLArn"] == WEB_ACL
    assert association["ResourceArn"].startswith("arn:aws:apigateway:us-east-1::/restapis/${Api}/stages/")


# What API Gateway answers itself: the type, its status, the SDK's exception, the code, and whether to try again.
ANSWERS = [
    ("INVALID_API_KEY", 401, openai.AuthenticationError, "invalid_api_key", None),
    ("UNAUTHORIZED", 401, openai.AuthenticationError, "invalid_token", None),
    ("ACCESS_DENIED", 403, openai.PermissionDeniedError, "permission_denied", None),
    ("WAF_FILTERED", 403, openai.PermissionDeniedError, "request_blocked", None),
    ("THROTTLED", 429, openai.RateLimitError, "rate_limit_exceeded", "1"),
    ("QUOTA_EXCEEDED", 429, openai.RateLimitError, "insufficient_quota", "86400"),
    ("REQUEST_TOO_LARGE", 413, openai.APIStatusError, "body_too_large", None),
    ("INTEGRATION_TIMEOUT", 504, openai.InternalServerError, "gateway_timeout", "1"),
    ("INTEGRATION_FAILURE", 503, openai.InternalServerError, "function_unavailable", "1"),
    ("DEFAULT_4XX", None, openai.BadRequestError, "request_refused", None),
    ("DEFAULT_5XX", None, openai.InternalServerError, "gateway_error", None),
]


def answers(made):
    return body(made)["x-amazon-apigateway-gateway-responses"]


def headers(answer):
    """The header fields of a response, each of which is a constant."""
    found = {
        name.removeprefix("gatewayresponse.header."): value for name, value in answer["responseParameters"].items()
    }
    assert all(re.fullmatch(r"'[^']+'", value) for value in found.values())
    return {name: value.strip("'") for name, value in found.items()}


def test_every_answer_of_the_gateway_is_one_of_the_table(made):
    assert set(answers(made)) == {kind for kind, *_ in ANSWERS}


@pytest.mark.parametrize("kind, status, error, code, retry_after", ANSWERS, ids=lambda value: str(value))
def test_the_sdk_understands_what_the_gateway_answers(made, kind, status, error, code, retry_after):
    answer = answers(made)[kind]
    assert answer.get("statusCode") == status
    template = answer["responseTemplates"]["application/json"]
    text = template.replace("$context.error.messageString", '"API Gateway\'s text"')
    assert text.isascii() and "$" not in text  # a template's other variables aren't quoted

    def transport(request):
        status = answer.get("statusCode") or {"DEFAULT_4XX": 400, "DEFAULT_5XX": 500}[kind]
        return httpx2.Response(status, headers={"content-type": "application/json", **headers(answer)}, text=text)

    http = httpx2.Client(transport=httpx2.MockTransport(transport))
    client = openai.OpenAI(base_url="http://proxy/v1", api_key="key", http_client=http, max_retries=0)
    with pytest.raises(error) as raised:
        client.models.list()
    assert raised.value.code == code
    assert raised.value.type and raised.value.body["message"] and raised.value.body["param"] is None
    assert "- " not in raised.value.body["message"]  # a line was broken at a hyphen
    assert raised.value.response.headers.get("retry-after") == retry_after


def test_a_page_of_another_site_can_read_what_the_gateway_answers(made):
    for kind, answer in answers(made).items():
        assert headers(answer)["access-control-allow-origin"] == "*", kind
        assert headers(answer)["access-control-expose-headers"] == "*", kind


def test_the_sdk_does_not_try_again_when_the_quota_is_used_up(made):
    assert {kind for kind, answer in answers(made).items() if "x-should-retry" in headers(answer)} == {"QUOTA_EXCEEDED"}
    assert headers(answers(made)["QUOTA_EXCEEDED"])["x-should-retry"] == "false"


def test_a_refused_caller_learns_how_to_identify_itself(made):
    named = {kind for kind, answer in answers(made).items() if "www-authenticate" in headers(answer)}
    assert named == {kind for kind, status, *_ in ANSWERS if status == 401}
