"""Certificates of upstreams on 127.0.0.1, and their authorities."""

import ssl
import subprocess


def server_context(authority, *names):
    """Return the TLS context of a server with a certificate from this authority, for 127.0.0.1 or for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names or ["127.0.0.1"]).configure_cert(context)
    return context


def trusting(authority, folder):
    """Return the variables that make a process trust this authority only. Its file is put into the folder."""
    file = folder / "authorities.pem"
    authority.cert_pem.write_to_path(str(file))
    return {"SSL_CERT_FILE": str(file)}


def add_to_folder(authority, folder):
    """Put an authority into a folder, under the name by which OpenSSL looks for it; return its file."""
    pem = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(pem))
    command = ["openssl", "x509", "-in", pem, "-noout", "-hash"]
    hash = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return pem.rename(folder / f"{hash}.0")
