"""Colour schemes, sizes, keyboard, path prefixes, other sites, and browsers with restrictions."""

import threading

import answers
import calls
import programs
import pytest
from axe_playwright_python.sync_playwright import Axe
from front import Front
from playwright.sync_api import expect

ANSWER = "# Title\n\nText with `code` and a [link](https://example.com/).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n" + (
    "```py\n" + "x" * 300 + "\n```\n\n" + "y" * 300
)
SCHEMES = ["light", "dark"]


def filled(upstream, playground):
    """A page with an answer, reasoning, a tool call and an error."""
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "n" * 90, "arguments": '{"a": 1}' * 40}}
    deltas = [answers.delta(reasoning_content="Hm. " * 50), answers.delta(ANSWER), answers.delta(tool_calls=[call])]
    upstream.script(answers.pieces([*map(answers.event, deltas), answers.event("[DONE]")]))
    upstream.script(answers.plain(answers.error("No. " + "z" * 300, code="c" * 80), 400))
    playground.ask("w" * 300)
    playground.answer.locator("summary").click()
    playground.ask("Again")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_accessible(upstream, playground, scheme, width):
    playground.page.emulate_media(color_scheme=scheme)
    playground.page.set_viewport_size({"width": width, "height": 740})
    for prepare in (lambda: None, lambda: filled(upstream, playground)):
        prepare()
        found = Axe().run(playground.page)
        assert found.violations_count == 0, found.generate_report()
    if width == 360:
        playground.button("Settings").click()
        found = Axe().run(playground.page)
        assert found.violations_count == 0, found.generate_report()


def test_both_colour_schemes_differ_and_follow_the_browser(playground):
    colours = []
    for scheme in SCHEMES:
        playground.page.emulate_media(color_scheme=scheme)
        colours.append(playground.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark = ([int(part) for part in colour[4:-1].split(",")] for colour in colours)
    assert min(light) > 200 and max(dark) < 60


def test_nothing_moves_for_who_wants_no_motion(upstream, playground):
    playground.page.emulate_media(reduced_motion="reduce")
    go_on = threading.Event()
    upstream.script(answers.stepwise([(go_on, answers.event("[DONE]"))]))
    playground.send("Hi")
    waiting = playground.answer.locator(".waiting")
    expect(waiting).to_be_visible()
    assert waiting.evaluate("e => getComputedStyle(e, '::after').animationName") == "none"
    go_on.set()
    playground.ended()


def test_a_phone_never_scrolls_sideways(upstream, playground):
    playground.page.set_viewport_size({"width": 360, "height": 640})
    wide = """Math.max(...["html", "#conversation", "#settings"]
        .map((name) => document.querySelector(name)).map((e) => e.scrollWidth - e.clientWidth))"""
    assert playground.page.evaluate(wide) <= 0
    filled(upstream, playground)
    assert playground.page.evaluate(wide) <= 0
    expect(playground.message).to_be_in_viewport()
    expect(playground.model).to_be_hidden()
    playground.button("Settings").click()
    expect(playground.model).to_be_visible()
    assert playground.page.evaluate(wide) <= 0


def test_the_keyboard_is_enough(upstream, visit):
    playground = visit().open()
    expect(playground.models_status).to_have_text("Enter a key to see the models.")
    keyboard = playground.page.keyboard
    tab_to(playground, playground.key)
    keyboard.type(calls.KEY)
    keyboard.press("Enter")
    expect(playground.models_status).to_contain_text("for this key")
    tab_to(playground, playground.model)
    keyboard.press("ArrowDown")
    tab_to(playground, playground.message)
    keyboard.type("One")
    keyboard.press("Shift+Enter")
    keyboard.type("two")
    upstream.script(answers.stream("Yes."))
    keyboard.press("Enter")
    playground.ended()
    assert upstream.request().json["messages"][0]["content"] == "One\ntwo"
    expect(playground.message).to_be_focused()
    for _ in range(2):
        keyboard.press("Shift+Tab")
    upstream.script(answers.stream("Again."))
    while playground.page.evaluate("document.activeElement.textContent") != "Retry":
        keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(playground.text).to_have_text("Again.")


def tab_to(playground, field):
    """Press Tab until a field has the focus; each stop on the way has a visible outline."""
    for _ in range(40):
        playground.page.keyboard.press("Tab")
        seen = playground.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen != "none", playground.page.evaluate("document.activeElement.outerHTML")
        if field.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError("Tab doesn't lead to the field")


def test_enter_that_chooses_a_word_of_an_input_method_sends_nothing(upstream, playground):
    playground.message.fill("漢")
    for options in ({"isComposing": True}, {"keyCode": 229}):
        press = "(field, options) => field.dispatchEvent(new KeyboardEvent('keydown', options))"
        playground.message.evaluate(press, {"key": "Enter", "bubbles": True, **options})
    expect(playground.message).to_have_value("漢")
    assert upstream.saw_nothing


def test_tokens_are_not_read_out_one_by_one(upstream, playground):
    upstream.script(answers.stream("One ", "two ", "three."))
    playground.page.evaluate(
        """() => {
            window.said = [];
            const status = document.getElementById("status");
            new MutationObserver(() => window.said.push(status.textContent)).observe(status, {childList: true});
        }"""
    )
    playground.ask("Hi")
    expect(playground.status).to_have_text("Answer: One two three.")
    assert playground.page.evaluate("window.said") == ["Waiting for the answer.", "Answer: One two three."]
    live = "[...document.querySelectorAll('[aria-live], [role=log], [role=alert]')].length"
    assert playground.page.evaluate(live) == 0


FORBID = (
    """Object.defineProperty(window, "sessionStorage", {get() { throw new DOMException("no", "SecurityError"); }});"""
)


def test_a_browser_that_forbids_storage_is_enough(upstream, visit):
    playground = visit()
    playground.page.add_init_script(FORBID)
    playground.open().enter(calls.KEY)
    expect(playground.models_status).to_contain_text("for this key")
    upstream.script(answers.stream("Yes."))
    playground.ask("Hi")
    expect(playground.text).to_have_text("Yes.")
    playground.is_clean()


def test_without_javascript_the_page_says_what_to_do(visit):
    playground = visit(java_script_enabled=False).open()
    advice = playground.page.locator(".no-script")
    expect(advice).to_be_visible()
    expect(advice).to_contain_text('curl -N "$URL/v1/chat/completions"')
    expect(playground.page.locator("#app")).to_be_hidden()


@pytest.mark.parametrize("prefix", ["/prod", "/a/b-c"])
def test_a_path_in_front_of_the_page_is_in_front_of_what_it_calls(upstream, visit, proxy, prefix):
    front = Front(proxy.origin, prefix)
    playground = visit(front.origin).open(f"{prefix}/playground").enter(calls.KEY)
    expect(playground.models_status).to_contain_text("for this key")
    expect(playground.page.locator("#address")).to_have_text(f"{front.origin}{prefix}/v1")
    upstream.script(answers.stream("Yes."))
    playground.ask("Hi")
    expect(playground.text).to_have_text("Yes.")
    assert set(front.paths) == {f"{prefix}/playground", f"{prefix}/v1/models", f"{prefix}/v1/chat/completions"}
    playground.is_clean()
    front.close()


def test_a_page_of_another_site_may_call_the_proxy_as_deployed(upstream, start, table, chromium):
    """With the CORS settings of template.yaml, a page can stream and read the request id."""
    deployed = start(table, "--template", programs.ROOT / "template.yaml")
    # Another port is another origin.
    upstream.script(
        answers.raw(200, [("Content-Type", "text/html")], b"<!DOCTYPE html><link rel=icon href=data:,>"),
        answers.stream("Yes."),
    )
    page = chromium.new_page()
    page.set_default_navigation_timeout(programs.PATIENCE * 1000)
    page.goto(upstream.origin)
    status, text, request_id = page.evaluate(
        """async ([origin, key]) => {
            const response = await fetch(`${origin}/v1/chat/completions`, {
                method: "POST",
                headers: {Authorization: `Bearer ${key}`, "Content-Type": "application/json", "X-Stainless-Lang": "js"},
                body: JSON.stringify({model: "scripted/m", stream: true, messages: [{role: "user", content: "Hi"}]}),
            });
            return [response.status, await response.text(), response.headers.get("x-proxy-request-id")];
        }""",
        [deployed.origin, calls.KEY],
    )
    page.close()
    assert (status, text) == (200, answers.stream_bytes("Yes.").decode())
    assert len(request_id) == 36
