"""Drives the page of examples/users in a browser, as a person would."""

import programs
from playground import WATCH


class ExamplePage:
    """One page in its own context."""

    def __init__(self, context, url):
        context.set_default_timeout(programs.PATIENCE * 1000)
        context.set_default_navigation_timeout(programs.PATIENCE * 1000)
        self.context, self.url = context, url
        self.page = context.new_page()
        self.page.add_init_script(WATCH)
        self.errors, self.requests = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request))

    def open(self, query=""):
        self.page.goto(self.url + query)
        return self

    def log_in(self, provider, name):
        self.button("Log in").click()
        provider.log_in(self.page, name)
        self.button("Log out").wait_for()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def who(self):
        return self.page.locator("#who")

    @property
    def notice(self):
        return self.page.locator("#notice")

    @property
    def answer(self):
        return self.page.locator(".answer").last

    @property
    def error(self):
        return self.page.get_by_role("alert").last

    @property
    def limits(self):
        return self.page.locator("#limits")

    def send(self, text):
        message = self.page.get_by_label("Message", exact=True)
        message.fill(text)
        message.press("Enter")

    def sent_to(self, path):
        """The requests that the page has made to this path, without preflights."""
        return [request for request in self.requests if request.url.endswith(path)]
