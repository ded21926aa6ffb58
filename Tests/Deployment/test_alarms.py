import pytest
import watched
from record_fields import METRICS, NAMESPACE
from stack import every

TOPIC = "arn:aws:sns:us-east-1:111122223333:alarms"


@pytest.fixture(scope="module")
def alarms(deploy):
    return every(deploy(), "AWS::CloudWatch::Alarm")


def test_alarms_watch_providers_the_proxy_the_first_token_the_store_and_lambda(alarms):
    read = {name: {(m.namespace, m.name) for m in watched.of_alarm(alarm)} for name, alarm in alarms.items()}
    assert read == {
        "UpstreamErrorsAlarm": {(NAMESPACE, "upstream_errors"), (NAMESPACE, "requests")},
        "ProxyErrorsAlarm": {(NAMESPACE, "proxy_errors")},
        "FirstTokenAlarm": {(NAMESPACE, "gen_ai.server.time_to_first_token")},
        "StoreFailuresAlarm": {(NAMESPACE, "store_failures")},
        "ThrottlesAlarm": {("AWS/Lambda", "Throttles")},
    }


def test_alarms_read_the_metrics_of_this_function(alarms):
    for alarm in alarms.values():
        for metric in watched.of_alarm(alarm):
            assert metric.of == "Proxy"
            if metric.namespace == NAMESPACE:
                assert metric.name in METRICS
                assert metric.dimensions == ("function",)
            else:
                assert metric.dimensions == ("FunctionName",)


@pytest.mark.parametrize(
    "failed, requests, is_alarming",
    [(0, 1000, False), (4, 4, False), (5, 5, True), (5, 50, False), (6, 50, True), (100, 1000, False)],
)
def test_the_provider_alarm_needs_a_tenth_of_the_requests_and_more_than_a_few(alarms, failed, requests, is_alarming):
    alarm = alarms["UpstreamErrorsAlarm"]
    (expression,) = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
    names = {"IF": lambda condition, then, otherwise: then if condition else otherwise}
    share = eval(expression, {**names, "failed": failed, "requests": requests})
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert (share > alarm["Threshold"]) == is_alarming


def test_metric_math_refers_to_each_metric_by_its_id(alarms):
    metrics = {q["Id"]: q["MetricStat"]["Metric"]["MetricName"] for q in alarms["UpstreamErrorsAlarm"]["Metrics"][1:]}
    assert metrics == {"failed": "upstream_errors", "requests": "requests"}


def test_the_owner_sets_how_long_a_first_token_may_take(deploy):
    assert every(deploy(), "AWS::CloudWatch::Alarm")["FirstTokenAlarm"]["Threshold"] == 30
    patient = every(deploy(SlowAfterSeconds=120), "AWS::CloudWatch::Alarm")
    assert patient["FirstTokenAlarm"]["Threshold"] == 120


def test_missing_data_raises_no_alarm(alarms):
    assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"notBreaching"}


def test_without_a_topic_there_are_alarms_but_no_notifications(alarms):
    assert not any("AlarmActions" in alarm for alarm in alarms.values())


def test_a_topic_is_notified_of_every_alarm(deploy):
    told = every(deploy(AlarmTopicArn=TOPIC), "AWS::CloudWatch::Alarm")
    assert [alarm["AlarmActions"] for alarm in told.values()] == [[TOPIC]] * 5


def test_each_description_says_what_to_do_and_fits_cloudwatchs_limit(alarms):
    for name, alarm in alarms.items():
        assert 100 < len(alarm["AlarmDescription"]) <= 1024, name
