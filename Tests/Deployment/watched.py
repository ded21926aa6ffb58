"""The dashboard and the alarms as values: their widgets, and the metrics that they read."""

import json
import re
import typing

import stack

SEARCH = re.compile(
    r"""SEARCH\('\{(?P<namespace>\w+),(?P<dimensions>[\w,]+)\} MetricName="(?P<name>[^"]+)" """
    r"""function="(?P<function>\w+)"', 'Sum', 3600\)"""
)


class Metric(typing.NamedTuple):
    namespace: str
    name: str
    dimensions: tuple
    of: str  # the resource that the first dimension names


def widgets(made):
    """The widgets with their positions and properties. Resources appear by their names."""

    def name(reference):
        if reference[1]:  # for CloudWatch, ${!x} is ${x}
            return "${%s}" % reference[2]
        assert reference[2] in made["Resources"], reference[0]
        return reference[2]

    body = stack.only(made, "AWS::CloudWatch::Dashboard")["DashboardBody"]
    return json.loads(re.sub(r"\$\{(!?)([^}]+)\}", name, body))["widgets"]


def entries(widget):
    """The metrics of a widget, without those that it computes from others in it, which have an `id`."""
    everything = widget["properties"].get("metrics", [])
    made = [entry for entry in everything if "expression" in entry[0] and "SEARCH" not in entry[0]["expression"]]
    ids = {entry[-1]["id"] for entry in everything if "id" in entry[-1]}
    for (computed,) in made:
        assert set(re.findall(r"[a-z]\w*", computed["expression"])) == ids, computed
    return [entry for entry in everything if entry not in made]


def of_widget(widget):
    for entry in entries(widget):
        if isinstance(entry[0], dict):
            found = SEARCH.fullmatch(entry[0]["expression"])
            assert found, entry
            yield Metric(found["namespace"], found["name"], tuple(found["dimensions"].split(",")), found["function"])
        else:
            namespace, name, dimension, value, _ = entry
            yield Metric(namespace, name, (dimension,), value)


def of_alarm(alarm):
    for query in alarm.get("Metrics", [{"MetricStat": {"Metric": alarm}}]):
        if metric := query.get("MetricStat", {}).get("Metric"):
            (dimension,) = metric["Dimensions"]
            yield Metric(metric["Namespace"], metric["MetricName"], (dimension["Name"],), dimension["Value"]["Ref"])
