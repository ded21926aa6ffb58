"""Drive Open WebUI's page with the compiled proxy behind it. The status is 1 if a check has failed.

Then a screenshot of each failure and the logs stay in a temporary folder.
"""

import functools
import pathlib
import sys
import tempfile
import time

import chat_page
import programs
from chat_checks import CHECKS, KEY, TABLE, Run, connections
from open_webui_server import OpenWebUI
from playwright.sync_api import Error
from scripted_provider import Provider


@functools.cache
def folder():
    """For screenshots and logs; the first failure makes it."""
    return pathlib.Path(tempfile.mkdtemp(prefix="try-open-webui-"))


def passes(name, check, run):
    run.provider.forget_chats()
    try:
        check(run)
    except (AssertionError, Error, LookupError, OSError) as failure:
        screenshot = folder() / f"{check.__name__}.png"
        run.page.tab.screenshot(path=screenshot)
        print(f"  FAILS {name}: {failure}\n  screenshot: {screenshot}", flush=True)
        return False
    print(f"  ok    {name}", flush=True)
    return True


def try_all(proxy, provider, webui):
    """Return whether each check has passed."""
    print("Starting Open WebUI", flush=True)
    began = time.monotonic()
    try:
        with chat_page.opened(webui.origin) as page:
            print(f"  its page is open after {time.monotonic() - began:.0f} s", flush=True)
            run = Run(proxy, provider, page)
            return [passes(name, check, run) for name, check in CHECKS.items()]
    except Error as failure:
        print(f"  FAILS to open the page: {failure}", flush=True)
        return [False]


def main():
    provider = Provider()
    # One process counts the limits for all.
    options = ("--managed-instance", "--concurrency", 50, "--template", programs.ROOT / "template.yaml")
    proxy = programs.FunctionURL(TABLE.replace("UP", provider.origin), *options)
    webui = OpenWebUI(list(connections(proxy.origin)), KEY)
    try:
        results = try_all(proxy, provider, webui)
    finally:
        webui.stop()
        proxy.stop()
        provider.close()
    passed, failed = results.count(True), results.count(False)
    if failed:
        (folder() / "proxy.log").write_text(proxy.log)
        (folder() / "open-webui.log").write_text(webui.log)
        print(f"The logs of the proxy and of Open WebUI are in {folder()}.")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
