"""examples/step-functions: the template and the definitions. Tests/EndToEnd/workflow_checks.py runs the workflows."""

import json
import re
import subprocess

import pages
import programs
import pytest
import stack
from samtranslator.translator.transform import transform
from test_lint import TOOLS, passes

FOLDER = programs.ROOT / "examples/step-functions"
TEMPLATE = FOLDER / "template.yaml"
PROXY = "arn:aws:lambda:eu-central-1:111122223333:function:proxy"
NAMES = ["Chain", "Parallel", "Map", "Cache"]


@pytest.fixture(scope="module")
def resources():
    """The template's resources as CloudFormation sees them."""
    template = stack.read(TEMPLATE)
    for resource in template["Resources"].values():
        if "DefinitionUri" in resource["Properties"]:
            resource["Properties"]["DefinitionUri"] = "s3://bucket/key"  # As `sam deploy` fills it in.
    return transform(template, {}, stack.NoManagedPolicies())["Resources"]


def machines():
    return {name: stack.read(TEMPLATE)["Resources"][name]["Properties"] for name in NAMES}


def definition(properties):
    """The workflow with its placeholders filled in: numbers by 5, names by themselves."""
    text = (FOLDER / properties["DefinitionUri"]).read_text()
    for name in properties["DefinitionSubstitutions"]:
        text = text.replace("${%s}" % name, "5" if name in ("MaxConcurrency", "CacheSeconds") else name)
    assert "${" not in text
    # CloudFormation's linter doesn't know that most numbers of a JSONata workflow may be expressions.
    return json.loads(re.sub(r'"\{% (\d+) %\}"', r"\1", text))


def states(part):
    """All states, also those inside of branches and items."""
    if isinstance(part, list):
        for one in part:
            yield from states(one)
    elif isinstance(part, dict):
        yield from part.get("States", {}).values()
        for one in part.values():
            yield from states(one)


def calls_of_the_proxy():
    found = [state for properties in machines().values() for state in states(definition(properties))]
    return [state for state in found if state.get("Resource", "").endswith(":lambda:invoke")]


def test_sam_and_cfn_lint_find_nothing_in_the_template(offline):
    passes([TOOLS / "sam", "validate", "--lint", "--template", TEMPLATE], FOLDER, offline)


def lint(workflows, folder, offline):
    resources = {
        name: {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"RoleArn": "arn:aws:iam::111122223333:role/flows", "Definition": workflow},
        }
        for name, workflow in workflows.items()
    }
    file = folder / "flows.json"
    file.write_text(json.dumps({"Resources": resources}))
    command = [TOOLS / "cfn-lint", "--template", file, "--format", "json"]
    done = subprocess.run(command, env=offline, capture_output=True, text=True, timeout=programs.PATIENCE)
    return [(found["Location"]["Path"][1], found["Rule"]["Id"]) for found in json.loads(done.stdout or "[]")]


def test_the_definitions_are_in_amazon_states_language(tmp_path, offline):
    good = {name: definition(properties) for name, properties in machines().items()}
    bad = json.loads(json.dumps(good["Chain"]))
    bad["States"]["Outline"]["ResultPath"] = "$.jsonpath"
    assert lint({**good, "Bad": bad}, tmp_path, offline) == [("Bad", "E3601")]


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_reached_and_every_next_one_exists(name):
    reached = []

    def follow(machine):
        named = {machine["StartAt"]}
        for state in machine["States"].values():
            branches = [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]
            for inner in branches:
                follow(inner)
            outer = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor")}
            named |= set(re.findall(r'"(?:Next|Default)": "([^"]*)"', json.dumps(outer)))
        assert named == set(machine["States"])
        reached.extend(named)

    follow(definition(machines()[name]))
    assert reached


def test_every_call_of_the_proxy_has_a_time_limit_and_the_same_retry():
    calls = calls_of_the_proxy()
    assert len(calls) == 7
    (retry,) = {json.dumps(call["Retry"]) for call in calls}
    assert all(call["TimeoutSeconds"] > 0 for call in calls)
    (retrier,) = json.loads(retry)
    assert retrier["JitterStrategy"] == "FULL" and retrier["MaxDelaySeconds"] > retrier["IntervalSeconds"]
    ours = {name for name in retrier["ErrorEquals"] if name.startswith("Function.")}
    assert ours == worth_a_retry()


def worth_a_retry():
    """The types of errors that the documentation says to retry."""
    section = pages.page("docs/workflows.md").section("Errors")
    return set(re.findall(r"^\| `(Function\.\w+)` \| yes \|", section, re.MULTILINE))


def test_the_documented_retry_is_that_of_the_workflows():
    (shown,) = [json.loads(block.text) for block in pages.page("docs/workflows.md").blocks if '"Retry"' in block.text]
    assert shown == {"Retry": calls_of_the_proxy()[0]["Retry"]}


def test_both_pages_list_the_same_types_of_errors():
    types = pages.named_in_tables(pages.page("docs/workflows.md").section("Errors"), "`errorType`")
    behind = pages.named_in_tables(pages.page("docs/errors.md").section("Direct invocations"), "`errorType`")
    assert sorted([*types, "Function.InvalidConfiguration"]) == sorted(behind)


def permissions(role):
    """What the statements of a role allow, as (action, resource)."""
    properties = role["Properties"]
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    return {
        (action, json.dumps(statement["Resource"]))
        for document in documents for statement in document["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_may_call_the_proxy_and_no_more_than_it_needs(resources, name):
    role = resources[f"{name}Role"]
    assert role["Properties"]["ManagedPolicyArns"] == [{"Ref": "WorkflowPolicy"}]
    table = json.dumps({"Fn::GetAtt": ["CacheTable", "Arn"]})
    own = {("dynamodb:GetItem", table), ("dynamodb:PutItem", table)} if name == "Cache" else set()
    assert permissions(role) == own
    shared = resources["WorkflowPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    invoke, logs = shared
    assert (invoke["Action"], invoke["Resource"]) == ("lambda:InvokeFunction", {"Ref": "ProxyFunctionArn"})
    assert all(action.startswith("logs:") for action in logs["Action"])


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_logs_failures_without_prompts(resources, name):
    logging = resources[name]["Properties"]["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)


def test_the_cache_entries_are_deleted_by_dynamodb(resources):
    ttl = resources["CacheTable"]["Properties"]["TimeToLiveSpecification"]
    assert ttl == {"AttributeName": "expires", "Enabled": True}
