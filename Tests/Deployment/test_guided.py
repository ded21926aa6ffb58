"""How `make try-deploy` answers `sam deploy --guided`."""

import os
import sys

import guided
import pytest

ASK = """
import getpass, sys
name, region = input("\\tStack Name [sam-app]: "), input("\\tAWS Region [us-east-1]: ")
key = getpass.getpass("\\t\\x1b[1mParameter ClientKey\\x1b[0m: ")
sure = input("No authentication. Is this okay? [y/N]: ")
print(name, repr(region), "*" * len(key), sure)
sys.exit(int(sure != "y"))
"""
ANSWERS = {"Stack Name": "proxy", "Parameter ClientKey": "secret"}


def ask(folder, answers):
    return guided.run([sys.executable, "-c", ASK], answers, folder, dict(os.environ))


def test_it_types_the_answers_and_return_for_a_default(tmp_path):
    asked, screen = ask(tmp_path, {**ANSWERS, "No authentication. Is this okay?": "y"})
    assert asked == ["Stack Name", "AWS Region", "Parameter ClientKey", "No authentication. Is this okay?"]
    assert screen.splitlines()[-1] == "proxy '' ****** y"
    assert "secret" not in screen


def test_the_error_for_a_failed_command_shows_the_screen(tmp_path):
    with pytest.raises(guided.Failed, match="status 1:(?s:.*)Is this okay"):
        ask(tmp_path, ANSWERS)


def test_a_question_without_answer_and_default_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(guided, "PATIENCE", 1)
    with pytest.raises(guided.Failed, match="did not end"):
        ask(tmp_path, {})


def test_a_command_that_cannot_be_started_is_an_error(tmp_path):
    with pytest.raises(guided.Failed, match="status 127:(?s:.*)No such file"):
        guided.run(["/nonexistent/sam"], {}, tmp_path, {})


def test_a_command_that_closes_the_terminal_is_not_waited_for_forever(tmp_path, monkeypatch):
    monkeypatch.setattr(guided, "PATIENCE", 1)
    close = "import os, signal; os.closerange(0, 9); signal.signal(signal.SIGHUP, signal.SIG_IGN); signal.pause()"
    with pytest.raises(guided.Failed, match="did not end"):
        guided.run([sys.executable, "-c", close], {}, tmp_path, dict(os.environ))
