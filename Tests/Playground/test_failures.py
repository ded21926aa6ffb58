"""Errors are shown in the proxy's words, with advice, and a partial answer is kept."""

import json
import threading

import answers
import calls
import pytest
from playwright.sync_api import expect


def test_without_a_key_the_page_asks_for_one(visit):
    playground = visit().open()
    expect(playground.models_status).to_have_text("Enter a key to see the models.")
    playground.button("Go to the key").click()
    expect(playground.key).to_be_focused()


def test_a_wrong_key_is_refused_in_the_proxys_words(upstream, visit):
    playground = visit().open().enter("a-key-that-opens-nothing")
    expect(playground.models_status).to_contain_text("Incorrect API key provided: a-key-*")
    expect(playground.models_status).to_contain_text("Check the key")
    expect(playground.key).to_have_attribute("aria-invalid", "true")
    playground.page.get_by_label("Name of the model").fill("scripted/table-model")
    playground.ask("Hi")
    expect(playground.error).to_contain_text("Incorrect API key provided: a-key-*")
    expect(playground.error).to_contain_text("Check the key under Access.")
    expect(playground.fact("Status")).to_have_text("401")
    expect(playground.fact("Code")).to_have_text("invalid_api_key")
    assert upstream.saw_nothing


def test_a_limit_that_is_used_up_is_named(upstream, visit):
    playground = visit().open().enter("a-key-for-one-request")
    expect(playground.models_status).to_contain_text("for this key")
    upstream.script(answers.stream("Once."))
    playground.choose("scripted/table-model")
    playground.ask("One?")
    playground.ask("Two?")
    expect(playground.error).to_contain_text("The limit of the key 'small' has been reached: 1 request a month.")
    expect(playground.error).to_contain_text("Wait for the next period")
    expect(playground.fact("Code")).to_have_text("insufficient_quota")
    expect(playground.answers.first.locator(".markdown")).to_have_text("Once.")


def test_a_limit_of_the_moment_says_when_to_retry(upstream, visit, proxy):
    playground = visit().open().enter("a-key-for-one-at-a-time")
    expect(playground.models_status).to_contain_text("for this key")
    go_on = threading.Event()
    upstream.script(answers.stepwise([(None, answers.event(answers.delta("x"))), (go_on, answers.event("[DONE]"))]))
    playground.choose("scripted/table-model")
    body = calls.chat(stream=True)
    path = "/scripted/v1/chat/completions"
    with calls.opened(proxy.origin, "POST", path, body, key="a-key-for-one-at-a-time"):
        playground.ask("Hi")
        go_on.set()
    expect(playground.error).to_contain_text("The limit of the key 'single' has been reached")
    expect(playground.fact("Status")).to_have_text("429")
    expect(playground.fact("Retry after")).to_have_text("1 s")


def test_a_failure_in_the_middle_keeps_what_came(upstream, playground):
    failed = answers.event(answers.error("The model fell over.", "server_error", "overloaded"))
    upstream.script(answers.pieces([answers.event(answers.delta("Half an answer")), failed]), answers.stream("Whole."))
    playground.ask("Hi")
    expect(playground.text).to_have_text("Half an answer")
    expect(playground.error).to_contain_text("The answer is incomplete")
    expect(playground.error).to_contain_text("The model fell over.")
    playground.button("Retry").click()
    expect(playground.text).to_have_text("Whole.")


def test_a_stream_that_the_provider_breaks_off_is_named_as_truncated(upstream, playground):
    upstream.script(answers.pieces([answers.event(answers.delta("Half"))]))
    playground.ask("Hi")
    expect(playground.text).to_have_text("Half")
    expect(playground.fact("Code")).to_have_text("upstream_truncated")


def test_a_stream_without_an_end_is_truncated_even_if_the_proxy_lets_it_pass(upstream, playground):
    playground.choose("undone/other")
    upstream.script(answers.pieces([answers.event(answers.delta("Half"))]))
    playground.ask("Hi")
    expect(playground.text).to_have_text("Half")
    expect(playground.error).to_contain_text("The answer is truncated")


def test_a_stream_with_a_finish_and_no_done_is_complete(upstream, playground):
    playground.choose("undone/other")
    upstream.script(answers.pieces([answers.event(answers.delta("All", finish="stop"))]))
    playground.ask("Hi")
    expect(playground.error).to_have_count(0)


def test_a_connection_that_breaks_is_said(upstream, visit, fronted):
    playground = visit(fronted.origin).open().enter(calls.KEY)
    expect(playground.models_status).to_contain_text("for this key")
    go_on = threading.Event()
    upstream.script(answers.stepwise([(None, answers.event(answers.delta("Half"))), (go_on, answers.event("[DONE]"))]))
    playground.send("Hi")
    expect(playground.text).to_have_text("Half")
    fronted.break_off()
    playground.ended()
    go_on.set()
    expect(playground.error).to_contain_text("The answer is truncated: the connection broke before its end.")
    expect(playground.text).to_have_text("Half")
    fronted.close()
    playground.ask("Hi again")
    expect(playground.error).to_contain_text("The proxy can't be reached.")


@pytest.mark.parametrize(
    "status, body, message",
    [
        (500, b"<html><h1>Oops</h1>", "500"),
        (404, b'{"error": {"message": "No such model.", "code": "model_not_found"}}', "No such model."),
        (400, b'{"error": {"message": "Use <b onclick=alert(1)>b</b>."}}', "Use <b onclick=alert(1)>b</b>."),
    ],
)
def test_a_providers_error_is_shown(upstream, playground, status, body, message):
    upstream.script(answers.raw(status, answers.JSON, body))
    playground.ask("Hi")
    expect(playground.error).to_contain_text(message)
    expect(playground.fact("Status")).to_have_text(str(status))
    playground.is_clean()


ODD = {"message": {"innerHTML": "<img src=x>"}, "code": {"toString": 1}}


@pytest.mark.parametrize("stream", [True, False], ids=["event", "response"])
def test_an_error_with_fields_of_other_types_is_shown_as_text(playground, stream):
    """These fields would become properties of an element, or stop the page when they are shown."""
    playground.page.route(
        "**/v1/chat/completions",
        lambda route: route.fulfill(
            status=200 if stream else 500,
            content_type="text/event-stream" if stream else "application/json",
            body=("data: %s\n\n" if stream else "%s") % json.dumps({"error": ODD}),
        ),
    )
    playground.ask("Hi")
    # An error without a message is shown as it came.
    expect(playground.error.locator(".message")).to_contain_text("no message" if stream else "<img src=x>")
    expect(playground.error.locator("img")).to_have_count(0)
    expect(playground.fact("Code")).to_have_count(0)
    playground.is_clean()


def test_a_retry_after_that_is_a_date_is_shown_as_it_is(playground):
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    playground.page.route(
        "**/v1/chat/completions", lambda route: route.fulfill(status=429, headers={"retry-after": date}, body="Slow.")
    )
    playground.ask("Hi")
    expect(playground.fact("Retry after")).to_have_text(date)


def test_a_key_that_no_request_can_carry_is_named(visit):
    playground = visit().open().enter("ключ")
    expect(playground.models_status).to_contain_text("The key has characters that no key can have.")
    expect(playground.models_status).not_to_contain_text("Retry")


def test_what_failed_is_not_repeated_in_the_next_request(upstream, playground):
    upstream.script(answers.plain(answers.error(), 400), answers.stream("Fine."))
    playground.ask("Bad")
    playground.ask("Good")
    upstream.request()
    assert upstream.request().json["messages"] == [{"role": "user", "content": "Good"}]
