"""The table in docs/clients.md: one row for each client, written by the run that tried the client."""

import pathlib

from clients import CLIENTS

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "clients.md"
BEGIN = "<!-- The table is written by `make try-clients`. -->\n"
END = "<!-- End of the table. -->\n"
HEAD = "| client | base URL and key | endpoints | works | errors | remarks |\n|---|---|---|---|---|---|\n"


def tried():
    """The names and versions of the rows."""
    return list(rows())


def rows():
    table = PAGE.read_text().partition(BEGIN)[2].partition(END)[0].removeprefix(HEAD)
    return {line.split("|")[1].strip(): line for line in table.splitlines(keepends=True)}


def write(attempts):
    """Replace the rows of the clients that passed, and keep the other rows."""
    known = rows() | {attempt.client.title: row(attempt) for attempt in attempts if not attempt.failures}
    table = "".join(known[client.title] for client in CLIENTS if client.title in known)
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + HEAD + table + END + rest.partition(END)[2])


def row(attempt):
    works = ", ".join(attempt.works)
    errors = ", ".join(f"`{error}`" for error in attempt.errors)
    endpoints = ", ".join(f"`{endpoint}`" for endpoint in attempt.endpoints)
    cells = [attempt.client.title, setting(attempt.client), endpoints, works, errors, remark(attempt.client)]
    return "| " + " | ".join(cells) + " |\n"


def setting(client):
    variables = ", ".join(f"`{name}`" for name in client.variables)
    return f"`{client.argument}`" + (f"; or {variables}" if variables else "")


def remark(client):
    parts = [client.remark, "Big." if client.is_big else ""]
    if client.switches:
        parts.append("Set " + ", ".join(f"`{name}={value}`" for name, value in client.switches.items()) + ".")
    return " ".join(part for part in parts if part)
