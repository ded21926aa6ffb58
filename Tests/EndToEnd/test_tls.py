"""The environment names the trusted authorities, in one file or in a folder."""

import answers
import calls
import certificates
import pytest
import trustme

TABLE = """
secure: {{url: "{origin}/v1", model: m}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""


def in_a_folder(authority, path):
    certificates.add_to_folder(authority, path)
    return {"SSL_CERT_DIR": str(path)}


@pytest.mark.parametrize("named", [certificates.trusting, in_a_folder])
def test_an_upstream_with_a_trusted_authority_is_called(authority, secure, start, tmp_path, named):
    proxy = start(TABLE.format(origin=secure.origin), **named(authority, tmp_path))
    secure.script(answers.plain({"id": "a"}), answers.plain({"id": "b"}))
    before = secure.connections
    for _ in range(2):  # The second request uses the same connection.
        assert calls.call(proxy.origin, "POST", "/secure/v1/chat/completions", calls.chat()).status == 200
    assert secure.connections == before + 1


def test_an_upstream_with_another_authority_is_refused(secure, start, tmp_path):
    proxy = start(TABLE.format(origin=secure.origin), **in_a_folder(trustme.CA(), tmp_path))
    response = calls.call(proxy.origin, "POST", "/secure/v1/chat/completions", calls.chat())
    assert (response.status, response.error["code"]) == (502, "upstream_tls")
