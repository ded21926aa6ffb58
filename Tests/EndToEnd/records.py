"""The records that the proxy writes, one line for each request."""

import json


def parsed(line):
    """The record in a line, or None if it is another line. With several processes, a label comes first."""
    start = line.find('{"level":')
    if start < 0:
        return None
    line = json.loads(line[start:])
    return line if line.get("message") == "request" else None


def of(program, response):
    """Wait for the record of an answered request."""
    return of_id(program, response.header("x-proxy-request-id"))


def of_id(program, request_id):
    found = f'"request_id":"{request_id}"'
    log = program.log_with(found)
    (record,) = [parsed(line) for line in log.splitlines() if found in line and parsed(line)]
    return record


def others(log):
    """The lines that aren't records, and the records of failures."""
    lines = [(line, parsed(line)) for line in log.splitlines()]
    return [line for line, record in lines if record is None or "error.type" in record]
