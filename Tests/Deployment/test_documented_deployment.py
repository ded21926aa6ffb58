"""Checks docs/observability.md (the record, the queries, the alarms), docs/deploy.md and the documented commands for
deployments against the template.
"""

import json
import re
import shlex

import pages
import pytest
import watched
from record_fields import BY_KEY, METRICS, NAMESPACE
from samcli.cli.types import CfnParameterOverridesType
from samcli.commands.deploy.command import cli as sam_deploy


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/observability.md").read_text()


@pytest.fixture(scope="module")
def example(page):
    return json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])


@pytest.fixture(scope="module")
def fields(page):
    """The fields in the table."""
    table = page.split("| field | |\n|---|---|\n")[1].split("\n\n")[0]
    return {name for row in table.splitlines() for name in re.findall("`([^`]+)`", row.split("|")[1])}


def dotted(query):
    """The names in backticks. Without them, a dot would split a name."""
    assert not re.search(r"[a-z]\.[a-z]", re.sub("`[^`]+`", "", query)), query
    return set(re.findall("`([^`]+)`", query))


def test_the_table_explains_every_field_of_the_example_and_every_metric(fields, example):
    assert set(example) | set(METRICS) <= fields


def test_the_example_has_the_metrics_of_a_success(example):
    by_function, by_key = example["_aws"]["CloudWatchMetrics"]
    assert by_function["Namespace"] == by_key["Namespace"] == NAMESPACE
    assert (by_function["Dimensions"], by_key["Dimensions"]) == ([["function"]], [["function", "key"]])
    units = {metric["Name"]: metric["Unit"] for metric in by_function["Metrics"]}
    assert units == {name: unit for name, unit in METRICS.items() if name in example}
    assert {m["Name"]: m["Unit"] for m in by_key["Metrics"]} == {name: METRICS[name] for name in BY_KEY}
    assert set(units) | {"function", "key"} <= set(example)


def test_the_queries_use_existing_fields(page, fields, deploy):
    queries = re.findall(r"```text\n([^`]*?\nfilter .*?)\n```", page, re.DOTALL)
    shown = [w["properties"]["query"] for w in watched.widgets(deploy()) if w["type"] == "log"]
    assert len(queries) == 1 and len(shown) == 2
    for query in queries + shown:
        assert dotted(query)
        assert dotted(query) <= fields


def test_the_alarms_are_those_of_the_template(page, deploy):
    made = {name for name, r in deploy()["Resources"].items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    assert set(re.findall(r"^\| `(\w+Alarm)` ", page, re.MULTILINE)) == made


def test_every_question_and_every_output_of_a_deployment_is_explained(root, template):
    page = (root / "docs/deploy.md").read_text()
    questions, outputs = (
        page.split(f"\n### {title}\n")[1].split("\n##")[0] for title in ("What SAM asks", "What SAM prints")
    )
    assert set(template["Parameters"]) <= first_cells(questions)
    assert set(template["Outputs"]) == first_cells(outputs)


DEPLOYMENTS = [
    block for block in pages.blocks("sh") if "sam deploy" in block.text and "--guided" not in block.text
]  # fmt: skip


@pytest.mark.parametrize("block", DEPLOYMENTS, ids=str)
def test_a_command_that_deploys_has_options_of_sam_and_parameters_of_the_template(block, template):
    (options,) = re.findall("sam deploy(.*)", block.text.replace("\\\n", " "))
    words = shlex.split(options)
    known = {name for option in sam_deploy.params for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= known
    if "--parameter-overrides" not in words:
        return
    given = words[words.index("--parameter-overrides") + 1 :]
    parameters = CfnParameterOverridesType().convert(given, None, None)
    without_default = {name for name, parameter in template["Parameters"].items() if "Default" not in parameter}
    assert without_default <= set(parameters) <= set(template["Parameters"])
    for name, value in parameters.items():
        pattern = template["Parameters"][name].get("AllowedPattern", ".*")
        assert all(re.fullmatch(pattern, item) for item in value.split(",")), name


def test_the_models_in_the_table_of_permissions_are_accepted(template):
    page = pages.page("docs/bedrock.md")
    pattern = template["Parameters"]["BedrockModels"]["AllowedPattern"]
    examples = pages.named_in_tables(page.section("Regions and inference profiles"), "write")
    assert len(examples) >= 4
    assert [example for example in examples if not re.fullmatch(pattern, example)] == []


def first_cells(section):
    """The words in backticks in the first column of a table."""
    return {name for row in re.findall(r"^\| (.*?) \|", section, re.MULTILINE) for name in re.findall("`([^`]+)`", row)}
