"""Draw the pictures of the playground and of the page in examples/users into a folder: screenshots.py FOLDER"""

import pathlib
import shutil
import sys
import threading
import urllib.parse

import answers
import conversation
import programs
import upstream
import users
from example_page import ExamplePage
from playground import Playground
from playwright.sync_api import sync_playwright

TABLE = """
openai:  {{url: "{up}/v1", model: gpt-4o}}
mistral: {{url: "{up}/v1", model: mistral-large-latest}}
settings:
  playground: true
  virtual_keys: [{{name: pictures, key: a-key-for-the-pictures}}]
"""
HOST = "http://proxy.example"
WIDE, PHONE = {"width": 1180, "height": 920}, {"width": 360, "height": 740}
# Ids differ from run to run; the pictures should not.
SAME_IDS = """() => {
    for (const value of document.querySelectorAll("dd")) {
        if (/^[0-9a-f-]{36}$/.test(value.textContent)) value.textContent = "8e1f2c07-6b1e-4c55-9a58-0d7a3f1c2b44";
    }
}"""

SAME_TIMES = """() => {
    for (const limit of document.querySelectorAll("#limits li")) {
        limit.lastChild.data = limit.lastChild.data.replace(/Renewed .*/, "Renewed Nov 28, 2026, 12:00 AM.");
    }
}"""
EXAMPLE_ANSWER = (
    "A proxy stands between your page and the providers. It keeps their tokens, so that your page needs none: each "
    "user logs in, and is counted on their own."
)


class Scene:
    """The playground with a scripted provider, and with a clock that moves only when told to."""

    def __init__(self, browser, provider, **options):
        self.provider = provider
        self.playground = Playground(browser.new_context(**options), HOST)
        self.page = self.playground.page
        self.page.clock.install(time=0)
        self.playground.open()
        self.page.clock.pause_at(10_000)
        self.sign_in()

    def sign_in(self):
        toggle = self.playground.button("Settings")
        if toggle.is_visible():
            toggle.click()
        self.playground.enter("a-key-for-the-pictures")
        self.page.locator("#model-status", has_text="for this key").wait_for()
        if toggle.is_visible():
            toggle.click()

    def ask(self, question, events):
        """Ask; the first event arrives after 0.64 s, the others 4.1 s later."""
        first, others = threading.Event(), threading.Event()
        self.provider.script(answers.stepwise([(first, events[0]), (others, b"".join(events[1:]))]))
        self.playground.send(question)
        self.provider.request()
        self.page.clock.run_for(640)
        first.set()
        self.playground.answer.locator(".waiting").wait_for(state="detached")
        self.page.clock.run_for(4100)
        others.set()
        self.playground.ended()

    def draw(self, path, element):
        """Show this element at the top of the conversation."""
        self.page.evaluate(SAME_IDS)
        self.page.clock.run_for(100)
        element.evaluate("e => e.scrollIntoView()")
        self.page.locator("#conversation").evaluate("e => e.scrollBy(0, -20)")
        self.page.screenshot(path=path)
        self.playground.context.close()


def draw(browser, provider, folder):
    for name, options in {
        "playground": {"viewport": WIDE},
        "playground-dark": {"viewport": WIDE, "color_scheme": "dark"},
        "playground-phone": {"viewport": PHONE, "device_scale_factor": 2},
    }.items():
        scene = Scene(browser, provider, **options)
        scene.ask(conversation.QUESTION, conversation.answer())
        scene.draw(folder / f"{name}.png", scene.page.locator(".question"))
    scene = Scene(browser, provider, viewport={**WIDE, "height": 560})
    scene.ask(conversation.QUESTION, conversation.broken_answer())
    scene.draw(folder / "playground-error.png", scene.page.locator(".question"))


def draw_example(browser, provider, folder):
    """The page of examples/users, with its own table and login server."""
    server = users.Provider()
    table = (users.EXAMPLE / "openai_servers.yaml").read_text()
    variables = {"LOCAL_URL": f"{provider.origin}/v1", "LOCAL_ISSUER": server.issuer}
    proxy = programs.FunctionURL(table, "--template", programs.ROOT / "template.yaml", **variables)
    try:
        with users.served(users.config(proxy.origin, server.issuer)) as site:
            page = ExamplePage(browser.new_context(viewport={"width": 760, "height": 640}), site.url).open()
            page.log_in(server, "ada")
            provider.script(answers.stream(EXAMPLE_ANSWER))
            page.send("Why would my web page call language models through a proxy?")
            page.limits.get_by_text("99 of 100 left").wait_for()
            page.page.evaluate(SAME_TIMES)
            page.page.screenshot(path=folder / "users.png")
            page.context.close()
    finally:
        proxy.stop()
        server.stop()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    provider = upstream.Upstream()
    proxy = programs.FunctionURL(TABLE.format(up=provider.origin))
    address = urllib.parse.urlsplit(proxy.origin).netloc
    try:
        with sync_playwright() as playwright:
            # A tile that is drawn again in part may differ by a shade from one that is drawn as a whole.
            options = ["--no-sandbox", "--disable-partial-raster"]
            options.append(f"--host-resolver-rules=MAP proxy.example:80 {address}")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
            draw(browser, provider, folder)
            draw_example(browser, provider, folder)
    finally:
        proxy.stop()
        provider.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
