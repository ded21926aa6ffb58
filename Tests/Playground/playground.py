"""Drives the playground in a browser, as a person would."""

import programs
from playwright.sync_api import expect

# In milliseconds. On a busy machine, anything may be slow.
expect.set_options(timeout=programs.PATIENCE * 1000)

# Collects what the page's policy has blocked.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


class Playground:
    """One page in its own context."""

    def __init__(self, context, origin):
        context.set_default_timeout(programs.PATIENCE * 1000)
        context.set_default_navigation_timeout(programs.PATIENCE * 1000)
        self.context, self.origin = context, origin
        self.page = context.new_page()
        self.page.add_init_script(WATCH)
        self.errors, self.requests = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        context.on("request", lambda request: self.requests.append(request.url))

    def open(self, path="/playground"):
        self.page.goto(self.origin + path)
        return self

    @property
    def key(self):
        return self.page.get_by_label("Key", exact=True)

    @property
    def model(self):
        return self.page.get_by_label("Model", exact=True)

    @property
    def models_status(self):
        return self.page.locator("#model-status")

    @property
    def message(self):
        return self.page.get_by_label("Message", exact=True)

    @property
    def answers(self):
        return self.page.get_by_role("article", name="Answer")

    @property
    def answer(self):
        return self.answers.last

    @property
    def text(self):
        """The model's text, as shown."""
        return self.answer.locator(".markdown")

    @property
    def error(self):
        return self.answer.get_by_role("region", name="Error")

    @property
    def status(self):
        return self.page.locator("#status")

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def enter(self, key):
        self.key.fill(key)
        self.key.press("Enter")
        return self

    def choose(self, model):
        self.model.select_option(model)
        return self

    def send(self, text):
        self.message.fill(text)
        self.message.press("Enter")

    def ask(self, text):
        """Send a message and wait for the end of its answer."""
        self.send(text)
        self.ended()

    def ended(self):
        expect(self.answer.locator("footer dl").last).to_be_attached()
        expect(self.button("Send")).to_be_visible()

    def fact(self, name):
        """The value with this name below an answer or an error."""
        return self.answer.locator("dl > div", has=self.page.get_by_text(name, exact=True)).locator("dd")

    def is_clean(self):
        """No script failed, the policy blocked nothing, and no other host was called."""
        foreign = [url for url in self.requests if not url.startswith((f"{self.origin}/", "data:", "blob:"))]
        assert (self.errors, self.page.evaluate("window.violations"), foreign) == ([], [], [])
