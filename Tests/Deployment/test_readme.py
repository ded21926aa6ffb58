"""What the README says of the record, of the queries and of the questions at deployment."""

import json
import re

import pytest
import watched
from record_fields import BY_KEY, METRICS, NAMESPACE


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text()


@pytest.fixture(scope="module")
def chapter(readme):
    return readme.split("\n## Watch it\n")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def example(chapter):
    return json.loads(re.search(r"```json\n(.*?)```", chapter, re.DOTALL)[1])


@pytest.fixture(scope="module")
def fields(chapter):
    """Those of the table."""
    table = chapter.split("| field | |\n|---|---|\n")[1].split("\n\n")[0]
    return {name for row in table.splitlines() for name in re.findall("`([^`]+)`", row.split("|")[1])}


def dotted(query):
    """The names in backticks; outside them a dot would part a name in two."""
    assert not re.search(r"[a-z]\.[a-z]", re.sub("`[^`]+`", "", query)), query
    return set(re.findall("`([^`]+)`", query))


def test_the_table_explains_every_field_of_the_example_and_every_metric(fields, example):
    assert set(example) | set(METRICS) <= fields


def test_the_examples_metrics_are_those_of_a_success(example):
    by_function, by_key = example["_aws"]["CloudWatchMetrics"]
    assert by_function["Namespace"] == by_key["Namespace"] == NAMESPACE
    assert (by_function["Dimensions"], by_key["Dimensions"]) == ([["function"]], [["function", "key"]])
    units = {metric["Name"]: metric["Unit"] for metric in by_function["Metrics"]}
    assert units == {name: unit for name, unit in METRICS.items() if name in example}
    assert {m["Name"]: m["Unit"] for m in by_key["Metrics"]} == {name: METRICS[name] for name in BY_KEY}
    assert set(units) | {"function", "key"} <= set(example)


def test_the_queries_ask_for_fields_that_there_are(chapter, fields, deploy):
    queries = [block for block in chapter.split("```")[1::2] if block.startswith("\n")]  # no language
    shown = [w["properties"]["query"] for w in watched.widgets(deploy()) if w["type"] == "log"]
    assert len(queries) == 1 and len(shown) == 2
    for query in queries + shown:
        assert dotted(query)
        assert dotted(query) <= fields


def test_the_alarms_are_those_of_the_template(chapter, deploy):
    made = {name for name, r in deploy()["Resources"].items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    assert set(re.findall(r"^\| `(\w+Alarm)` ", chapter, re.MULTILINE)) == made


def test_every_question_and_every_output_of_a_deployment_is_explained(readme, template):
    deployment = readme.split("\n## Deploy\n")[1].split("\n## ")[0]
    for name in (*template["Parameters"], *template["Outputs"]):
        assert f"`{name}`" in deployment, name
