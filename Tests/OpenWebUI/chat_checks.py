"""What is checked of Open WebUI with the proxy behind it: what its page shows, and what reaches the provider.

Each check begins a chat of its own.
"""

import re
import threading

import answers
import calls
import programs
import provider
from playwright.sync_api import expect
from scripted_provider import TITLE, tool_call

KEY = "the-client-key-of-this-run"
TABLE = f"""
first: {{url: "UP/first/v1", token: the-token-of-first, model: story, num_retries: 0}}
second: {{url: "UP/second/v1", token: the-token-of-second, model: org/story, num_retries: 0}}
spent: {{url: "UP/spent/v1", token: the-token-of-spent, model: story, requests_per_day: 1}}
without-token: {{url: "UP/without/v1", token: "${{MISSING_TOKEN}}", model: story}}
settings:
  models: {{storyteller: [first/story, second/org/story], gpt-5: second/org/story}}
  virtual_keys: [{{name: open-webui, key: {KEY}, tokens_per_day: 1000000}}]
"""
NAMES = {"storyteller", "gpt-5", "first/story", "second/org/story", "spent/story"}
# Beside the usual connection two of other kinds, whose models have a prefix and are listed by hand.
OTHERS = {"azure.storyteller", "responses.storyteller"}


def connections(origin):
    yield f"{origin}/v1", {}
    by_hand = {"model_ids": ["storyteller"]}
    yield origin, {**by_hand, "prefix_id": "azure", "provider": "azure", "api_version": "2024-10-21"}
    yield f"{origin}/v1", {**by_hand, "prefix_id": "responses", "api_type": "responses"}


class Run:
    """The programs of a run, and the page."""

    def __init__(self, proxy, provider, page):
        self.proxy = proxy
        self.provider = provider
        self.page = page

    @property
    def base_url(self):
        return f"{self.proxy.origin}/v1"

    def ask(self, model, *scripts):
        """Ask something in a new chat, which the provider answers like this."""
        self.provider.answers_with(*scripts)
        self.page.new_chat()
        self.page.choose(model)
        self.page.send("Tell me a story.")

    def chat(self):
        """Return the oldest chat that reached the provider and wasn't looked at."""
        return self.provider.chats.get(timeout=programs.PATIENCE)

    def shows(self, text):
        expect(self.page.answer).to_have_text(text)


def in_two_steps(go_on):
    """A stream that stops in the middle, until it is told to go on."""
    first, second, end = (answers.delta("Once upon"), answers.delta(" a time."), answers.delta(finish="stop"))
    steps = [(None, first), (go_on, second), (None, end), (None, "[DONE]")]
    return answers.stepwise([(ready, answers.event(part)) for ready, part in steps])


def lists_models(run):
    names = run.page.models()
    assert sorted(names) == sorted(NAMES | OTHERS), f"the page offers {names}"


def asks_chosen_server(run):
    run.ask("second/org/story", answers.stream("Once upon", " a time."))
    run.shows("Once upon a time.")
    request = run.chat()
    assert request.target == "/second/v1/chat/completions", request.target
    assert request.json["model"] == "org/story", request.json["model"]
    assert request.header("authorization") == "Bearer the-token-of-second"
    assert KEY not in repr(request.headers) + request.body.decode()


def falls_back(run):
    run.ask("storyteller", answers.plain(answers.error("Overloaded."), 503), answers.stream("Once upon a time."))
    run.shows("Once upon a time.")
    asked = [run.chat().target, run.chat().target]
    assert asked == ["/first/v1/chat/completions", "/second/v1/chat/completions"], asked


def grows(run):
    go_on = threading.Event()
    run.ask("first/story", in_two_steps(go_on))
    run.shows("Once upon")
    go_on.set()
    run.shows("Once upon a time.")
    run.chat()


def names_chat(run):
    run.ask("first/story", answers.stream("Once upon a time."))
    run.shows("Once upon a time.")
    expect(run.page.tab).to_have_title(re.compile(TITLE))
    run.chat()


def counts_for_reasoning_model(run):
    """Open WebUI knows those by their names, without a server in front."""
    for model, expected in (("first/story", "max_tokens"), ("gpt-5", "max_completion_tokens")):
        run.ask(model, answers.stream("Once upon a time."))
        title = run.provider.titles.get(timeout=programs.PATIENCE)
        given = {"max_tokens", "max_completion_tokens"} & set(title.json)
        assert given == {expected}, f"{model} gets {given}"
        run.shows("Once upon a time.")
        run.chat()


def calls_tool(run):
    run.ask("first/story", tool_call("get_current_timestamp"), answers.stream("It is late."))
    expect(run.page.answer).to_contain_text("It is late.")
    names = [tool["function"]["name"] for tool in run.chat().json["tools"]]
    assert "get_current_timestamp" in names, names
    result = run.chat().json["messages"][-1]
    assert (result["role"], result["tool_call_id"]) == ("tool", "call_1"), result


def stops(run):
    """On Lambda the proxy isn't told that its caller has left, so the provider's stream ends in its own time."""
    go_on = threading.Event()
    run.ask("first/story", in_two_steps(go_on))
    run.shows("Once upon")
    run.page.stop_button.click()
    expect(run.page.stop_button).to_have_count(0)
    go_on.set()
    run.chat()
    run.page.tab.reload()
    run.shows("Once upon")
    run.provider.answers_with(answers.stream("The end."))
    run.page.send("And then?")
    run.shows("The end.")
    said = [message["content"] for message in run.chat().json["messages"]]
    assert said[-2:] == ["Once upon", "And then?"], said


def shows_limit(run):
    spent = calls.call(run.proxy.origin, "POST", "/spent/v1/chat/completions", calls.chat(), key=KEY)
    assert spent.status == 200, spent.body
    run.ask("spent/story")
    expect(run.page.answer).to_contain_text("has been reached: 1 request a day")


def shows_provider_error(run):
    run.ask("first/story", answers.plain(answers.error("The story is too long."), 400))
    expect(run.page.answer).to_contain_text("The story is too long.")
    run.chat()


def shows_broken_stream(run):
    def breaks(exchange):
        exchange.start(200, answers.SSE)
        exchange.chunk(answers.event(answers.delta("Once upon")))
        exchange.reset()

    run.ask("first/story", breaks)
    expect(run.page.answer).to_contain_text("closed the connection")
    run.chat()


def asks_as_azure(run):
    run.ask("azure.storyteller", answers.stream("Once upon a time."))
    run.shows("Once upon a time.")
    request = run.chat()
    assert request.target == "/first/v1/chat/completions", request.target


def asks_for_response(run):
    run.ask("responses.storyteller", *2 * [provider.answer])
    expect(run.page.answer).to_contain_text(provider.TEXT)
    asked = [run.chat().target, run.chat().target]
    assert asked == 2 * ["/first/v1/responses"], asked


def verifies(run):
    run.page.verify(run.base_url, KEY)
    expect(run.page.notice("Server connection verified")).to_be_attached()


def refuses_base_url(run):
    for wrong in ("", "/v1/v1", "/v1/chat/completions"):
        run.page.verify(run.proxy.origin + wrong, KEY)
        words = f"'{re.escape(wrong)}/models' here. .* this proxy's address followed by '/v1'"
        expect(run.page.notice(re.compile(words))).to_be_attached()


def refuses_key(run):
    run.page.verify(run.base_url, "a-key-that-opens-nothing")
    expect(run.page.notice("Incorrect API key provided")).to_be_attached()


def asks_nobody_else(run):
    assert not run.page.strangers, run.page.strangers


CHECKS = {
    "the page offers the models under names that the proxy takes": lists_models,
    "a message goes to the chosen server, with its model and its token": asks_chosen_server,
    "a name of settings.models goes to the next server when the first fails": falls_back,
    "the answer grows while it streams": grows,
    "the chat gets a title from the model": names_chat,
    "a reasoning model gets max_completion_tokens, by its name in settings.models": counts_for_reasoning_model,
    "the model calls one of Open WebUI's tools, and gets the result": calls_tool,
    "Stop keeps what has come, and the chat goes on": stops,
    "a limit that has been reached is shown in the proxy's words": shows_limit,
    "a provider's error is shown in its words": shows_provider_error,
    "a stream that breaks off is shown as an error": shows_broken_stream,
    "a connection of the type Azure streams": asks_as_azure,
    "a connection with the Responses API streams, and calls a tool": asks_for_response,
    "the settings of a connection accept the base URL and the key": verifies,
    "there, a wrong base URL gets an error that says the right one": refuses_base_url,
    "there, a wrong key gets an error that says so": refuses_key,
    "the page asks nobody but Open WebUI": asks_nobody_else,
}
