import re

import pytest
from stack import FUNCTION_URL, PSEUDO, every, only

SECRETS = {
    "OpenAIKey": "OPENAI_API_KEY",
    "MistralKey": "MISTRAL_API_KEY",
    "ReplicateToken": "REPLICATE_API_TOKEN",
    "PredibaseToken": "PREDIBASE_API_TOKEN",
    "GeminiKey": "GEMINI_API_KEY",
}
DOORS = ("PROXY_FUNCTION_URL", "PROXY_REST_TRANSFER", "PROXY_ALLOWED_ORIGINS")


def variables(stack):
    return only(stack, "AWS::Lambda::Function")["Environment"]["Variables"]


def test_the_public_url_has_both_permissions_it_needs(deploy):
    permissions = [r["Properties"] for r in deploy()["Resources"].values() if r["Type"] == "AWS::Lambda::Permission"]
    assert all(p["Principal"] == "*" for p in permissions)
    by_action = {p["Action"]: p for p in permissions}
    assert set(by_action) == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert by_action["lambda:InvokeFunctionUrl"]["FunctionUrlAuthType"] == "NONE"
    # Without this, anyone could also invoke the function directly.
    assert by_action["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True


def test_the_url_streams(deploy):
    url = only(deploy(), "AWS::Lambda::Url")
    assert url["InvokeMode"] == "RESPONSE_STREAM"
    assert url["AuthType"] == "NONE"
    assert url["TargetFunctionArn"] == {"Ref": "Proxy"}


def test_the_url_has_the_names_that_sam_gave_it(deploy):
    """With other names, CloudFormation would replace the URL of a stack that was deployed with FunctionUrlConfig."""
    resources = deploy()["Resources"]
    assert resources["ProxyUrl"]["Type"] == "AWS::Lambda::Url"
    for name in ("ProxyUrlPublicPermissions", "ProxyURLInvokeAllowPublicAccess"):
        assert resources[name]["Type"] == "AWS::Lambda::Permission"


def test_a_url_for_callers_of_aws_lets_in_nobody_by_itself(deploy):
    stack = deploy(FunctionUrl="iam")
    url = only(stack, "AWS::Lambda::Url")
    assert (url["AuthType"], url["InvokeMode"]) == ("AWS_IAM", "RESPONSE_STREAM")
    assert every(stack, "AWS::Lambda::Permission") == {}
    assert stack["Outputs"]["Url"]["Value"] == FUNCTION_URL.removesuffix("/")
    assert "Curl" not in stack["Outputs"]  # its request has no signature


def test_a_function_without_a_url_has_an_arn(deploy):
    stack = deploy(FunctionUrl="none")
    assert not {r["Type"] for r in stack["Resources"].values()} & {"AWS::Lambda::Url", "AWS::Lambda::Permission"}
    assert not {"Url", "Curl"} & set(stack["Outputs"])
    assert stack["Outputs"]["FunctionArn"]["Value"] == {"Fn::GetAtt": ["Proxy", "Arn"]}
    assert "ProxyUrl" not in str(stack)


def test_the_function_knows_its_doors(deploy):
    made = variables(deploy())
    assert [made[name] for name in DOORS] == ["public", "buffer", "*"]
    made = variables(deploy(FunctionUrl="none", RestTransfer="stream", AllowedOrigins="https://a.example,http://b"))
    assert [made[name] for name in DOORS] == ["none", "stream", "https://a.example,http://b"]


def test_the_function_is_the_image_for_the_chosen_architecture(deploy):
    for architecture in ("x86_64", "arm64"):
        function = only(deploy(Architecture=architecture), "AWS::Lambda::Function")
        assert function["PackageType"] == "Image"
        assert function["Architectures"] == [architecture]


def test_a_response_may_take_as_long_as_lambda_allows_unless_the_owner_sets_less(deploy):
    assert only(deploy(), "AWS::Lambda::Function")["Timeout"] == 900
    assert only(deploy(Timeout=60), "AWS::Lambda::Function")["Timeout"] == 60


def test_every_parameter_that_holds_a_secret_is_hidden(template):
    hidden = {name for name, p in template["Parameters"].items() if p.get("NoEcho")}
    assert hidden == {"ClientKey", *SECRETS}
    named_like_secrets = {name for name in template["Parameters"] if re.search("Key|Token|Secret|Password", name)}
    assert named_like_secrets <= hidden


def test_no_secret_has_a_value_in_the_template_or_appears_in_an_output(template):
    for name in SECRETS:
        assert template["Parameters"][name]["Default"] == ""
    for name in ("ClientKey", *SECRETS):
        assert name not in str(template["Outputs"])


def test_every_parameter_says_what_it_is_for(template):
    for name, parameter in template["Parameters"].items():
        assert len(parameter.get("Description", "")) > 20, name


def test_the_client_key_has_no_default_and_is_long_enough_not_to_be_guessed(template, deploy):
    parameter = template["Parameters"]["ClientKey"]
    assert "Default" not in parameter
    assert parameter["MinLength"] >= 16
    assert variables(deploy(ClientKey="0123456789abcdef"))["PROXY_CLIENT_KEY"] == "0123456789abcdef"


def test_only_the_client_key_has_to_be_given(template):
    assert [name for name, parameter in template["Parameters"].items() if "Default" not in parameter] == ["ClientKey"]


def test_a_providers_token_reaches_the_function(deploy):
    for parameter, variable in SECRETS.items():
        assert variables(deploy(**{parameter: "secret"}))[variable] == "secret"
    predibase = variables(deploy(PredibaseTenant="028bc858", PredibaseDeployment="mine"))
    assert predibase["PREDIBASE_TENANT"] == "028bc858"
    assert predibase["PREDIBASE_DEPLOYMENT"] == "mine"


def test_a_provider_that_is_not_used_has_no_variable(deploy):
    # `sam deploy --guided` doesn't accept an empty answer for a hidden parameter, so "none" counts as empty too.
    for parameter, variable in SECRETS.items():
        for unused in ("", "none"):
            assert variable not in variables(deploy(**{parameter: unused}))
    assert set(variables(deploy())) == {"PROXY_CLIENT_KEY", "PROXY_LIMITS_TABLE", "USER_ID_KEY", *DOORS}


def test_bedrock_is_off_until_it_has_models(deploy):
    assert variables(deploy(BedrockModels=MODEL))["BEDROCK_REGION"]
    assert "BEDROCK_REGION" not in variables(deploy(BedrockModels=""))


def test_every_variable_that_the_server_table_reads_is_one_that_the_template_can_set(root, template):
    table = re.sub("^ *#.*", "", (root / "openai_servers.yaml").read_text(), flags=re.MULTILINE)
    read = set(re.findall(r"\$\{(\w+)", table))
    own_machine_only = {"OLLAMA_TOKEN", "LOCAL_URL"}
    settable = set(template["Resources"]["Proxy"]["Properties"]["Environment"]["Variables"])
    assert read - own_machine_only <= settable
    # The program reads these itself.
    assert settable - read <= {"USER_ID_KEY", *DOORS}


def test_concurrency_is_capped_only_if_the_owner_asks_for_it(deploy):
    assert "ReservedConcurrentExecutions" not in only(deploy(), "AWS::Lambda::Function")
    capped = only(deploy(ReservedConcurrency="5"), "AWS::Lambda::Function")
    assert capped["ReservedConcurrentExecutions"] == "5"


def test_the_log_is_json_in_its_own_group_with_a_retention(deploy):
    stack = deploy(LogRetentionDays=7)
    logging = only(stack, "AWS::Lambda::Function")["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    group = stack["Resources"][logging["LogGroup"]["Ref"]]
    assert group["Type"] == "AWS::Logs::LogGroup"
    assert group["Properties"] == {"LogGroupName": "/aws/lambda/proxy", "RetentionInDays": 7}


def test_the_function_may_only_write_its_own_log_and_use_its_own_table(deploy):
    assert permissions(deploy()) == [LOG, COUNT, CACHE]


def test_only_a_traced_function_may_send_traces(deploy):
    assert only(deploy(), "AWS::Lambda::Function")["TracingConfig"] == {"Mode": "PassThrough"}
    traced = deploy(Tracing="Active")
    assert only(traced, "AWS::Lambda::Function")["TracingConfig"] == {"Mode": "Active"}
    assert permissions(traced) == [LOG, COUNT, CACHE, TRACE]


PROFILE = "arn:aws:bedrock:*:*:inference-profile/us.amazon.nova-lite-v1:0"
MODEL = "arn:aws:bedrock:*::foundation-model/amazon.titan-embed-text-v2:0"


def test_the_function_may_use_the_models_of_the_list_and_no_others(deploy):
    assert permissions(deploy(BedrockModels="")) == [LOG, COUNT, CACHE]
    listed, behind_profiles, project = permissions(deploy(BedrockModels=f"{PROFILE},{MODEL}"))[3:]
    for statement in (listed, behind_profiles, project):
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    assert listed["Resource"] == [PROFILE, MODEL]
    # Requests that name a model have no profile, so this statement allows none of them.
    assert behind_profiles["Resource"] == "arn:aws:bedrock:*::foundation-model/*"
    assert behind_profiles["Condition"] == {"StringLike": {"bedrock:InferenceProfileArn": [PROFILE, MODEL]}}
    assert project["Resource"] == "arn:aws:bedrock:*:111122223333:project/default"
    assert not [statement for statement in (listed, project) if "Condition" in statement]


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_the_models_may_be_in_another_partition(deploy, monkeypatch, partition):
    monkeypatch.setitem(PSEUDO, "AWS::Partition", partition)
    profile = f"arn:{partition}:bedrock:*:*:inference-profile/us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0"
    for statement in permissions(deploy(BedrockModels=profile))[3:]:
        assert f"arn:{partition}:bedrock:" in str(statement) and "arn:aws:" not in str(statement)


def test_a_model_is_given_as_an_arn(template):
    parameter = template["Parameters"]["BedrockModels"]
    accepted = [
        "", PROFILE, MODEL, "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3",
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0",
    ]  # fmt: skip
    refused = ["us.amazon.nova-lite-v1:0", "*", "arn:aws:s3:::a-bucket/a-file", "arn:aws:bedrock:us-east-1", "none"]
    for value in accepted:
        assert re.fullmatch(parameter["AllowedPattern"], value), value
    for value in refused:
        assert not re.fullmatch(parameter["AllowedPattern"], value), value
    examples = re.findall(r"arn:\S+:0", parameter["Description"] + parameter["ConstraintDescription"])
    assert set(examples) == {PROFILE, MODEL}


LOG = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": {"Fn::GetAtt": ["ProxyLogGroup", "Arn"]},
}
COUNT = {
    "Effect": "Allow",
    "Action": ["dynamodb:UpdateItem", "dynamodb:GetItem"],
    "Resource": {"Fn::GetAtt": ["LimitsTable", "Arn"]},
}
# Only the items of the cache: the counters can't be read or replaced.
CACHE = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
    "Resource": {"Fn::GetAtt": ["LimitsTable", "Arn"]},
    "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["cache#*"]}},
}
TRACE = {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"}


def permissions(stack):
    role = only(stack, "AWS::IAM::Role")
    assert "ManagedPolicyArns" not in role
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def test_the_limits_table_is_billed_on_demand_and_expires_its_items(deploy):
    stack = deploy()
    table = only(stack, "AWS::DynamoDB::Table")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    assert "PointInTimeRecoverySpecification" not in table
    assert variables(stack)["PROXY_LIMITS_TABLE"] == {"Ref": "LimitsTable"}
    assert stack["Outputs"]["LimitsTable"]["Value"] == {"Ref": "LimitsTable"}


def test_nothing_is_left_behind_when_the_stack_is_deleted(deploy):
    with_data = {"AWS::DynamoDB::Table", "AWS::Logs::LogGroup"}
    policies = [
        (r["DeletionPolicy"], r["UpdateReplacePolicy"])
        for r in deploy()["Resources"].values()
        if r["Type"] in with_data
    ]
    assert policies == [("Delete", "Delete")] * 2


def test_the_outputs_are_the_url_and_a_curl_line_that_streams(deploy):
    outputs = deploy()["Outputs"]
    url = FUNCTION_URL.removesuffix("/")
    assert outputs["Url"]["Value"] == url
    curl = outputs["Curl"]["Value"]
    assert curl.startswith(f"curl -N {url}/openai/v1/chat/completions ")
    assert '-H "Authorization: Bearer $PROXY_CLIENT_KEY"' in curl
    assert '"stream": true' in curl
    assert "\n" not in curl


def test_the_curl_line_calls_bedrock_if_that_is_all_there_is(deploy):
    for parameters, server in (
        ({"BedrockModels": PROFILE, "OpenAIKey": "none"}, "bedrock"),
        ({"BedrockModels": PROFILE, "OpenAIKey": "secret"}, "openai"),
        ({"GeminiKey": "secret"}, "openai"),
    ):
        assert f"/{server}/v1/chat/completions " in deploy(**parameters)["Outputs"]["Curl"]["Value"]
