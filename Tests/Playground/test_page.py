"""The page as sent: small, self-contained, and with a policy that lets it load nothing else."""

import base64
import hashlib
import re

import calls
import pytest

SIZE = 61_000


@pytest.fixture(scope="module")
def page(proxy):
    return calls.call(proxy.origin, "GET", "/playground", key=None)


def test_it_is_small_and_needs_no_key(page):
    assert page.status == 200
    assert page.header("content-type") == "text/html; charset=utf-8"
    assert len(page.body) <= SIZE


def test_it_has_one_style_and_one_script_and_loads_nothing(page):
    text = page.body.decode()
    assert [text.count(f"<{name}") for name in ("style>", "script>", "style ", "script ")] == [1, 1, 0, 0]
    markup = re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.DOTALL)
    assert re.findall(r"\s(?:src|srcset|action|style|on\w+)=", markup) == []
    assert all(address.startswith(("#", "data:")) for address in re.findall(r'href="([^"]*)"', markup))


def test_its_policy_allows_its_style_and_script_by_their_hashes(page):
    def digest(name):
        content = re.search(f"<{name}>(.*?)</{name}>".encode(), page.body, re.DOTALL)[1]
        return f"{name}-src 'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"

    assert page.header("content-security-policy").split("; ") == [
        "default-src 'none'", digest("style"), digest("script"), "connect-src 'self'", "img-src 'self' data: blob:",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ]  # fmt: skip
