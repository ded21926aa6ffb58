"""A request that is copied as code sends the same body."""

import subprocess
import sys

import answers
import calls
import programs
import pytest
from playwright.sync_api import expect

NASTY = """It's "quoted" \\n, `back`ticks, $HOME, ${x}, \\u0041, %s, 漢字 👩‍👩‍👧 \u2028
JSON
'''; rm -rf / #"""


@pytest.fixture
def copied(upstream, visit):
    """Ask, copy the request as code, and return the code and the body that was sent."""

    def copied(language, reply=None, stream=True):
        playground = visit(permissions=["clipboard-read", "clipboard-write"]).open().enter(calls.KEY)
        expect(playground.models_status).to_contain_text("for this key")
        playground.choose("scripted/table-model")
        page = playground.page
        page.get_by_label("System prompt").fill(NASTY)
        page.get_by_label("Temperature").fill("0.25")
        page.get_by_label("Stop sequences").fill("'END'\n\"")
        page.get_by_label("Stream the answer").set_checked(stream)
        page.get_by_label("More parameters").fill('{"top_k": 3, "metadata": {"a\'b": null, "c": [true, false, {}]}}')
        upstream.script(
            *[answers.stream("It ", "works.") if stream else answers.plain(answers.completion("It works."))] * 2
        )
        playground.ask(NASTY)
        page.get_by_role("button", name=f"Copy the request as {language}").click()
        expect(playground.status).to_have_text("Copied")
        code = page.evaluate("navigator.clipboard.readText()")
        assert calls.KEY not in code and "PROXY_CLIENT_KEY" in code
        return code, upstream.request().json

    return copied


def run(*command, code=None):
    variables = programs.environment(PROXY_CLIENT_KEY=calls.KEY)
    done = subprocess.run(
        command, input=code, env=variables, capture_output=True, text=True, timeout=programs.PATIENCE, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_curl_command_sends_the_same(upstream, copied, shell):
    code, sent = copied("curl")
    assert run(shell, code=code) == answers.stream_bytes("It ", "works.").decode()
    assert upstream.request().json == sent


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_the_python_program_sends_the_same(upstream, copied, tmp_path, stream):
    code, sent = copied("Python", stream=stream)
    (tmp_path / "ask.py").write_text(code, encoding="utf-8")
    assert run(sys.executable, str(tmp_path / "ask.py")) == "It works.\n"
    assert upstream.request().json == sent


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_the_javascript_program_sends_the_same(copied, chromium, stream):
    """The browser runs the program, since Node may be missing, with an SDK that records its arguments."""
    code, sent = copied("JavaScript", stream=stream)
    importing = 'import OpenAI from "openai";\n'
    assert code.startswith(importing)
    page = chromium.new_page()
    given = page.evaluate(
        """async (code) => {
            const given = {};
            const create = async (body) => {
                given.body = body;
                return body.stream ? [] : {choices: [{message: {}}]};
            };
            class OpenAI { constructor(options) { given.options = options; this.chat = {completions: {create}}; } }
            const program = Object.getPrototypeOf(async function () {}).constructor("OpenAI", "process", code);
            await program(OpenAI, {env: {PROXY_CLIENT_KEY: "the key"}, stdout: {write() {}}});
            return given;
        }""",
        code.removeprefix(importing),
    )
    page.close()
    assert given["options"]["apiKey"] == "the key" and given["options"]["baseURL"].endswith("/v1")
    assert {**given["body"], "model": given["body"]["model"].removeprefix("scripted/")} == sent


def test_the_answer_and_its_code_can_be_copied(upstream, visit):
    playground = visit(permissions=["clipboard-read", "clipboard-write"]).open().enter(calls.KEY)
    expect(playground.models_status).to_contain_text("for this key")
    text = "Some *Markdown*:\n\n```sh\nls -l\n```"
    upstream.script(answers.stream(text))
    playground.ask("Hi")
    # The labels stay: on a busy machine, a moment may pass between two looks.
    playground.page.evaluate("window.setTimeout = () => 0")
    playground.text.get_by_role("button", name="Copy").click()
    expect(playground.text.get_by_role("button", name="Copied")).to_be_visible()
    assert playground.page.evaluate("navigator.clipboard.readText()") == "ls -l"
    playground.answer.get_by_role("button", name="Copy the answer").click()
    expect(playground.answer.locator(".actions").get_by_text("Copied")).to_be_visible()
    assert playground.page.evaluate("navigator.clipboard.readText()") == text
