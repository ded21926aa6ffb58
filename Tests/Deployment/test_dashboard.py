import os
import subprocess
import sys

import programs
import pytest
import watched
from record_fields import BY_KEY, METRICS, NAMESPACE
from stack import only

LAMBDA = {"ConcurrentExecutions", "Errors", "Throttles"}


@pytest.fixture(scope="module")
def widgets(deploy):
    return watched.widgets(deploy())


@pytest.fixture(scope="module")
def shown(widgets):
    return [metric for widget in widgets for metric in watched.of_widget(widget)]


def test_it_shows_every_metric_that_the_program_logs_and_no_other(shown):
    ours = {metric.name: metric for metric in shown if metric.namespace == NAMESPACE}
    assert set(ours) == set(METRICS)
    assert {name for name, metric in ours.items() if metric.dimensions == ("function", "key")} == set(BY_KEY)
    assert {metric.dimensions for metric in ours.values()} == {("function",), ("function", "key")}


def test_it_shows_what_lambda_counts_itself(shown):
    lambdas = [metric for metric in shown if metric.namespace != NAMESPACE]
    assert {(metric.namespace, metric.dimensions) for metric in lambdas} == {("AWS/Lambda", ("FunctionName",))}
    assert {metric.name for metric in lambdas} == LAMBDA


def test_it_shows_this_function_only(shown):
    assert {metric.of for metric in shown} == {"Proxy"}


def test_widgets_by_key_are_labelled_with_the_keys(widgets):
    labels = [w["properties"]["metrics"][0][0]["label"] for w in widgets if "SEARCH" in str(w)]
    assert labels == ["${PROP('Dim.key')}"] * len(BY_KEY)


def test_times_are_percentiles_and_all_others_are_sums(widgets):
    for widget in widgets:
        for metric, entry in zip(watched.of_widget(widget), watched.entries(widget), strict=True):
            statistic = entry[-1].get("stat", widget["properties"]["stat"])
            if METRICS.get(metric.name) == "Seconds":
                assert statistic in ("p50", "p99")
            else:
                assert statistic == ("Maximum" if metric.name == "ConcurrentExecutions" else "Sum")


def test_the_widgets_fill_a_grid_of_24_columns_without_gaps(widgets):
    cells = [
        (column, row)
        for widget in widgets
        for column in range(widget["x"], widget["x"] + widget["width"])
        for row in range(widget["y"], widget["y"] + widget["height"])
    ]
    rows = max(row for _, row in cells) + 1
    assert sorted(cells) == [(column, row) for column in range(24) for row in range(rows)]


def test_the_share_of_cache_hits_is_that_of_the_lookups(widgets):
    (widget,) = [widget for widget in widgets if "cache_hits" in str(widget)]
    (computed,), *parts = widget["properties"]["metrics"]
    assert computed["expression"] == "100 * hits / lookups"
    assert [(part[1], part[-1]) for part in parts] == [
        ("cache_hits", {"id": "hits", "visible": False}),
        ("cache_lookups", {"id": "lookups", "visible": False}),
    ]


def test_its_queries_read_this_functions_log(widgets):
    queries = [widget["properties"]["query"] for widget in widgets if widget["type"] == "log"]
    assert len(queries) == 2
    for query in queries:
        assert query.startswith("SOURCE 'ProxyLogGroup' | ")


def test_its_name_is_unique_per_stack_and_region_and_an_output_links_to_it(deploy):
    stack = deploy()
    assert only(stack, "AWS::CloudWatch::Dashboard")["DashboardName"] == "proxy-us-east-1"
    console = "https://console.aws.amazon.com/cloudwatch/home"
    assert stack["Outputs"]["Dashboard"]["Value"] == (f"{console}?region=us-east-1#dashboards/dashboard/${{Dashboard}}")


def test_its_picture_is_up_to_date_with_the_template(root):
    drawn = subprocess.run(
        [sys.executable, root / "scripts/draw_dashboard.py"],
        env={**os.environ, "PYTHONPATH": str(root / "Tests/Deployment"), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=programs.PATIENCE,
    )
    assert drawn.returncode == 0, drawn.stderr.decode()
    picture = (root / "docs/dashboard.svg").read_bytes()
    assert drawn.stdout == picture, "scripts/draw_dashboard.py says how to draw it again"
