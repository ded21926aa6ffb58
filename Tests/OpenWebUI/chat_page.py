"""Open WebUI's page in Debian's Chromium, as a person uses it."""

import contextlib
import shutil

import programs
from playwright.sync_api import expect, sync_playwright

PATIENCE = programs.PATIENCE * 1000  # Playwright counts milliseconds.
OPTIONS = [
    "--no-sandbox",  # It works neither for root nor in most containers; only pages of this machine are opened.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class ChatPage:
    """One tab. `strangers` are the addresses outside this machine that it has asked for."""

    def __init__(self, browser, origin):
        self.origin = origin
        self.strangers = set()
        self.tab = browser.new_page()
        self.tab.set_default_timeout(PATIENCE)
        self.tab.on("request", self._note)
        self.tab.goto(origin)
        self.tab.get_by_role("button", name="Okay, Let's Go!").click()

    def _note(self, request):
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.strangers.add(request.url)

    @property
    def input(self):
        return self.tab.locator("#chat-input")

    @property
    def chooser(self):
        return self.tab.locator("#model-selector-model-button")

    @property
    def answer(self):
        """The last answer of the chat, or the error in its place."""
        return self.tab.locator(".chat-assistant").last

    @property
    def stop_button(self):
        return self.tab.get_by_role("button", name="Stop", exact=True)

    def new_chat(self):
        self.tab.goto(self.origin)
        expect(self.input).to_be_visible()

    def models(self):
        """The names that the page offers."""
        self.chooser.click()
        options = self.tab.get_by_role("option")
        expect(options.first).to_be_visible()
        names = [option.inner_text().strip() for option in options.all()]
        self.tab.keyboard.press("Escape")
        return names

    def choose(self, model):
        self.chooser.click()
        self.tab.get_by_role("option", name=f"Select {model} model", exact=True).click()

    def send(self, text):
        self.input.fill(text)
        self.tab.keyboard.press("Enter")

    def verify(self, base_url, key):
        """Try a base URL and a key in the settings of the first connection, without saving them."""
        self.tab.goto(f"{self.origin}/admin/settings/connections")
        self.tab.get_by_role("button", name="Configure").first.click()
        connection = self.tab.get_by_role("dialog").last
        connection.get_by_placeholder("API Base URL").fill(base_url)
        connection.get_by_placeholder("API Key").fill(key)
        connection.get_by_role("button", name="Verify Connection").click()

    def notice(self, text):
        """A notice in the corner of the page."""
        return self.tab.locator("[data-sonner-toast]").filter(has_text=text).first


@contextlib.contextmanager
def opened(origin):
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        yield ChatPage(browser, origin)
        browser.close()
