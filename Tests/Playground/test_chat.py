"""A conversation: what is sent, and how its answers are shown."""

import base64
import json
import re
import threading

import answers
import calls
import pytest
from playwright.sync_api import expect

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE_URI = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
USAGE = {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46, "cost": 0.00021}
USAGE |= {"prompt_tokens_details": {"cached_tokens": 8}, "completion_tokens_details": {"reasoning_tokens": 5}}


def ending(usage):
    return answers.event({**answers.delta(), "choices": [], "usage": usage}) + answers.event("[DONE]")


def test_an_answer_is_shown_as_it_is_written(upstream, playground):
    first, second = threading.Event(), threading.Event()
    steps = [(None, answers.event(answers.delta("One, "))), (first, answers.event(answers.delta("two.")))]
    upstream.script(answers.stepwise([*steps, (second, answers.event("[DONE]"))]))
    playground.send("Count.")
    expect(playground.text).to_have_text("One,")
    first.set()
    expect(playground.text).to_have_text("One, two.")
    expect(playground.button("Stop")).to_be_visible()
    second.set()
    playground.ended()
    expect(playground.status).to_have_text("Answer: One, two.")
    playground.is_clean()


def test_only_what_is_set_is_sent(upstream, playground):
    upstream.script(answers.stream("Yes."))
    playground.ask("Are you there?")
    sent = upstream.request().json
    assert sent == {
        "model": "table-model",
        "messages": [{"role": "user", "content": "Are you there?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_every_parameter_is_sent(upstream, playground):
    page = playground.page
    page.get_by_label("System prompt").fill("Be brief.")
    numbers = {"Temperature": "0.5", "Top p": "0.9", "Max tokens": "99", "Seed": "7"}
    for label, value in numbers.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Reasoning effort").select_option("low")
    page.get_by_label("Stop sequences").fill("END\nHALT")
    page.get_by_label("Stream the answer").uncheck()
    page.get_by_label("More parameters").fill('{"logit_bias": {"50256": -100}, "top_k": 3}')
    upstream.script(answers.plain(answers.completion("Whole.")))
    playground.ask("Hi")
    expect(playground.text).to_have_text("Whole.")
    assert upstream.request().json == {
        "model": "table-model",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "temperature": 0.5, "top_p": 0.9, "max_tokens": 99, "seed": 7,
        "reasoning_effort": "low", "stop": ["END", "HALT"], "logit_bias": {"50256": -100}, "top_k": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    "label, value", [("More parameters", '{"top_k": '), ("More parameters", "[1]"), ("Top p", "7")]
)
def test_a_wrong_parameter_is_said_and_nothing_is_sent(upstream, playground, label, value):
    field = playground.page.get_by_label(label)
    field.fill(value)
    playground.send("Hi")
    expect(field).to_be_focused()
    expect(playground.message).to_have_value("Hi")
    if label == "More parameters":
        expect(playground.page.locator("#more-error")).to_contain_text("JSON")
    assert upstream.saw_nothing


def test_a_conversation_is_sent_as_a_whole_and_a_new_one_begins_empty(upstream, playground):
    upstream.script(answers.stream("First answer."), answers.stream("Second answer."), answers.stream("Third answer."))
    playground.ask("First?")
    playground.ask("Second?")
    upstream.request()
    assert [(m["role"], m["content"]) for m in upstream.request().json["messages"]] == [
        ("user", "First?"), ("assistant", "First answer."), ("user", "Second?"),
    ]  # fmt: skip
    playground.button("New chat").click()
    expect(playground.answers).to_have_count(0)
    expect(playground.page.get_by_text("Try your models")).to_be_visible()
    playground.ask("Third?")
    assert upstream.request().json["messages"] == [{"role": "user", "content": "Third?"}]


def test_what_an_answer_took_stands_below_it(upstream, playground):
    parts = [answers.event(answers.delta(part)) for part in ("a", "b")]
    upstream.script(answers.pieces([*parts, ending(USAGE)]))
    playground.ask("Hi")
    expect(playground.fact("Tokens")).to_have_text("12 in, 34 out, 8 cached, 5 reasoning")
    expect(playground.fact("Cost")).to_have_text("$0.00021")
    expect(playground.fact("First token")).to_have_text(re.compile(r"^\d+\.\d+ s$"))
    expect(playground.fact("Server")).to_have_text("scripted")
    expect(playground.fact("Request")).to_have_text(re.compile(r"^[0-9a-f-]{36}$"))


def test_reasoning_tool_calls_and_a_refusal_are_shown(upstream, playground):
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    deltas = [
        answers.delta(reasoning_content="First, "), answers.delta(reasoning="then."),
        answers.delta(tool_calls=[call]),
        answers.delta(tool_calls=[{"index": 0, "function": {"arguments": '{"city": "<b>Z'}}]),
        answers.delta(tool_calls=[{"index": 0, "function": {"arguments": 'ürich"}'}}]),
        answers.delta(tool_calls=[{"index": 1, "function": {"name": "clock", "arguments": "{}"}}]),
        answers.delta(refusal="I "), answers.delta(refusal="won't."), answers.delta(finish="tool_calls"),
    ]  # fmt: skip
    upstream.script(answers.pieces([*map(answers.event, deltas), answers.event("[DONE]")]))
    playground.ask("Weather?")
    reasoning = playground.answer.locator("details.reasoning")
    expect(reasoning.locator("div")).to_be_hidden()
    reasoning.locator("summary").click()
    expect(reasoning.locator("div")).to_have_text("First, then.")
    tools = playground.answer.locator(".tool")
    expect(tools.nth(0)).to_contain_text("Tool call weather")
    expect(tools.nth(0).locator("pre")).to_have_text('{"city": "<b>Zürich"}')
    expect(tools.nth(1)).to_contain_text("Tool call clock")
    expect(playground.answer.locator(".refusal")).to_have_text("Refused: I won't.")
    playground.is_clean()


def test_an_answer_that_ends_early_says_so(upstream, playground):
    upstream.script(answers.pieces([answers.event(answers.delta("Cut", finish="length")), answers.event("[DONE]")]))
    playground.ask("Hi")
    expect(playground.answer.locator(".note")).to_have_text("The model ended early: length.")


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_stop_ends_the_request_and_keeps_what_came(upstream, visit, fronted, way):
    playground = visit(fronted.origin).open().enter(calls.KEY)
    expect(playground.models_status).to_contain_text("for this key")
    go_on = threading.Event()
    upstream.script(answers.stepwise([(None, answers.event(answers.delta("Half"))), (go_on, answers.event("[DONE]"))]))
    playground.send("Hi")
    expect(playground.text).to_have_text("Half")
    if way == "button":
        playground.button("Stop").click()
    else:
        playground.message.press("Escape")
    playground.ended()
    # Lambda doesn't tell the function that its caller has left, so the connection to the proxy is what ends.
    assert fronted.left.wait(calls.programs.PATIENCE)
    go_on.set()
    expect(playground.answer.locator(".note")).to_have_text("You stopped this answer.")
    expect(playground.text).to_have_text("Half")
    expect(playground.message).to_be_focused()


def test_the_end_of_an_answer_moves_neither_the_reader_nor_the_focus_out_of_the_page(upstream, playground):
    go_on = threading.Event()
    long = answers.event(answers.delta("\n\n".join("line" for _ in range(200))))
    upstream.script(answers.stepwise([(None, long), (go_on, answers.event("[DONE]"))]))
    playground.send("Hi")
    expect(playground.text.locator("p")).to_have_count(200)
    following = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    playground.page.evaluate(following)
    conversation = playground.page.locator("#conversation")
    conversation.evaluate("e => new Promise((done) => { e.onscroll = done; e.scrollTop = 0; })")
    playground.button("Stop").focus()
    go_on.set()
    playground.ended()
    expect(playground.message).to_be_focused()
    playground.page.evaluate(following)
    assert conversation.evaluate("e => e.scrollTop") == 0


def test_retry_asks_the_last_question_again(upstream, playground):
    upstream.script(answers.stream("Before."), answers.stream("Wrong."), answers.stream("Right."))
    playground.ask("One?")
    playground.ask("Two?")
    expect(playground.page.get_by_role("button", name="Retry").filter(visible=True)).to_have_count(1)
    playground.button("Retry").last.click()
    expect(playground.text).to_have_text("Right.")
    playground.ended()
    expect(playground.answers).to_have_count(2)
    first, second, third = (upstream.request().json for _ in range(3))
    assert third == second and len(second["messages"]) == 3 and len(first["messages"]) == 1


def test_a_pasted_image_is_sent_as_a_data_uri(upstream, playground):
    paste(playground, PICTURE_URI)
    expect(playground.page.get_by_role("img", name="picture.png")).to_be_visible()
    upstream.script(answers.stream("A pixel."))
    playground.ask("What is it?")
    assert upstream.request().json["messages"][0]["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": PICTURE_URI}},
    ]
    expect(playground.page.locator("#images img")).to_have_count(0)
    playground.is_clean()


def paste(playground, uri, event="paste"):
    """Paste or drop a file on the message."""
    playground.message.evaluate(
        """(field, [uri, event]) => {
            const bytes = Uint8Array.from(atob(uri.split(",")[1]), (c) => c.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "picture.png", {type: "image/png"}));
            const options = {bubbles: true, cancelable: true};
            field.dispatchEvent(event === "paste"
                ? new ClipboardEvent("paste", {...options, clipboardData: data})
                : new DragEvent("drop", {...options, dataTransfer: data}));
        }""",
        [uri, event],
    )


def test_images_are_dropped_chosen_and_removed(upstream, playground):
    paste(playground, PICTURE_URI, "drop")
    expect(playground.page.locator("#images img")).to_have_count(1)
    with playground.page.expect_file_chooser() as chooser:
        playground.button("Add image").click()
    files = [("chosen.png", "image/png"), ("notes.txt", "text/plain")]
    chooser.value.set_files([{"name": name, "mimeType": kind, "buffer": PICTURE} for name, kind in files])
    expect(playground.page.locator("#images img")).to_have_count(2)
    expect(playground.page.locator("#problem")).to_contain_text("notes.txt")
    playground.button("Remove picture.png").click()
    expect(playground.page.get_by_role("img", name="chosen.png")).to_be_visible()
    upstream.script(answers.stream("Alone."))
    playground.message.press("Enter")
    playground.ended()
    (part,) = upstream.request().json["messages"][0]["content"]
    assert part == {"type": "image_url", "image_url": {"url": PICTURE_URI}}


def test_text_is_dropped_and_pasted_as_text(playground):
    """Office programs copy a picture beside the text; a dropped link must not replace the page."""
    taken = """(field, [event, kinds]) => {
        const data = new DataTransfer();
        for (const kind of kinds) data.setData(kind, "text");
        if (event === "paste") data.items.add(new File(["x"], "picture.png", {type: "image/png"}));
        const options = {bubbles: true, cancelable: true};
        return !field.dispatchEvent(event === "paste"
            ? new ClipboardEvent("paste", {...options, clipboardData: data})
            : new DragEvent(event, {...options, dataTransfer: data}));
    }"""
    field, elsewhere = playground.message, playground.page.locator("#conversation")
    assert not field.evaluate(taken, ["paste", ["text/plain", "text/html"]])
    assert field.evaluate(taken, ["paste", ["text/html"]])
    for event in ("dragover", "drop"):
        assert not field.evaluate(taken, [event, ["text/plain"]])
        assert elsewhere.evaluate(taken, [event, ["text/plain"]])


def test_a_file_that_cannot_be_read_is_named(playground):
    playground.page.evaluate(
        "FileReader.prototype.readAsDataURL = function () { this.dispatchEvent(new ProgressEvent('loadend')); }"
    )
    paste(playground, PICTURE_URI)
    expect(playground.page.locator("#problem")).to_contain_text("picture.png")
    expect(playground.page.locator("#images img")).to_have_count(0)


def test_the_models_are_those_of_the_key_and_another_can_be_typed(upstream, playground):
    names = playground.model.locator("option").all_inner_texts()
    assert names == ["fast", "scripted/table-model", "undone/other", "Other…"]
    playground.model.select_option(label="Other…")
    playground.page.get_by_label("Name of the model").fill("scripted/a/name with ü")
    upstream.script(answers.stream("Yes."))
    playground.ask("Hi")
    assert upstream.request().json["model"] == "a/name with ü"


def test_a_reload_keeps_key_and_model_and_nothing_else_is_stored(playground):
    playground.choose("fast")
    playground.page.reload()
    expect(playground.models_status).to_contain_text("for this key")
    expect(playground.key).to_have_value(calls.KEY)
    expect(playground.model).to_have_value("fast")
    stored = "JSON.stringify([{...localStorage}, document.cookie, Object.keys(sessionStorage).sort(), location.href])"
    kept = json.loads(playground.page.evaluate(stored))
    assert kept == [{}, "", ["playground.key", "playground.model"], f"{playground.origin}/playground"]
