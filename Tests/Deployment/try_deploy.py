"""What `make try-deploy` does in a network with only loopback: deploy, call, count, delete. try_deploy.py FOLDER

The folder has the output of `sam build`, and gets the logs. The run ends at the first failure.
"""

import collections
import contextlib
import os
import pathlib
import platform
import re
import secrets
import subprocess
import sys
import traceback

import guided
import network
import programs
from deployed_calls import call, read_log, say
from emulated_account import AWS, CREDENTIALS, REGION, STACK, Wrong, check, client, there

FOLDER = pathlib.Path(sys.argv[1])
HERE = pathlib.Path(__file__).resolve().parent
SAM = pathlib.Path(sys.executable).with_name("sam")
KEY, TOKEN = f"key-{secrets.token_hex(16)}", f"token-{secrets.token_hex(16)}"
# Without this machine's settings.
PLAIN = {"PATH": os.environ["PATH"], "HOME": str(FOLDER), "TMPDIR": str(FOLDER), "LANG": "C.UTF-8"}
AS_USER = {
    **PLAIN, **CREDENTIALS, "AWS_ENDPOINT_URL": AWS, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
    "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5", "TERM": "dumb",
}  # fmt: skip


@contextlib.contextmanager
def started(port, *command, **variables):
    """A program that listens on this port."""
    program = programs.Program(*command, env={**PLAIN, **variables}, merged=True)
    try:
        if not network.is_served(port, lambda: programs.is_alive(program.process.pid)):
            raise Wrong(f"nobody serves port {port}: {program.log}")
        yield program
    finally:
        program.stop()


def deploy():
    """Answer as docs/deploy.md says."""
    none = dict.fromkeys(("MistralKey", "ReplicateToken", "PredibaseToken", "GeminiKey"), "none")
    hidden = {f"Parameter {name}": value for name, value in {"ClientKey": KEY, "OpenAIKey": TOKEN, **none}.items()}
    answers = {
        **hidden, "Stack Name": STACK, "AWS Region": REGION,
        "Parameter BedrockModels": "arn:aws:bedrock:*:*:inference-profile/us.amazon.nova-lite-v1:0",
        "Parameter Architecture": "arm64" if platform.machine() == "aarch64" else "x86_64",
    }  # fmt: skip
    asked, screen = guided.run([SAM, "deploy", "--guided"], answers, FOLDER, AS_USER)
    (FOLDER / "deploy.log").write_text(screen)
    check(set(answers) <= set(asked), f"sam did not ask for {sorted(set(answers) - set(asked))}")
    check(KEY not in screen and TOKEN not in screen, "sam showed a secret")
    say(f"  answered {len(asked)} questions")
    stack = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    check(stack["StackStatus"] == "CREATE_COMPLETE", f"the stack is {stack['StackStatus']}")
    made = client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    kinds = collections.Counter(resource["ResourceType"].removeprefix("AWS::") for resource in made)
    say("  made " + ", ".join(f"{count} × {kind}" for kind, count in sorted(kinds.items())))
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def delete(made):
    command = [SAM, "delete", "--no-prompts"]
    done = subprocess.run(command, cwd=FOLDER, env=AS_USER, capture_output=True, text=True, timeout=120)
    (FOLDER / "delete.log").write_text(done.stdout + done.stderr)
    check(done.returncode == 0, f"sam delete ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    left = {kind: names for kind, names in there().items() if names}
    check(not left, f"the deleted stack has left behind: {left}")
    say(f"  nothing is left of {sum(map(len, made.values()))} things; SAM keeps the bucket, of its own stack")


def main():
    network.bring_up(FOLDER)
    emulator = (FOLDER.parent / ".build-ministack/bin/python", HERE / "ministack_program.py")
    model = (sys.executable, programs.ROOT / "scripts/model_server.py", "--port", "8080")
    with started(8080, *model), started(80, *emulator, GATEWAY_PORT="80", AUTH="true", **CREDENTIALS) as aws:
        try:
            say("sam deploy --guided")
            outputs = deploy()
            made = there()
            check(all(made.values()), f"something that the template makes is missing: {made}")
            buffered = call(outputs, KEY)
            read_log(outputs, (KEY, TOKEN))
            say("sam delete --no-prompts")
            delete(made)
        finally:
            (FOLDER / "ministack.log").write_text(aws.log)
    say("What this can't show, because ministack hasn't got it:")
    for lack in lacks(aws.log, buffered):
        say(f"  - {lack}")


def lacks(log, buffered):
    yield "TLS: https:// of the outputs was called as http://"
    if buffered:
        yield "streaming: the answers came as one, with a Content-Length"
    for alarm in re.findall("^STAND-IN (.*)$", log, re.MULTILINE):
        yield f"alarms over several metrics: {alarm} was made over its first metric alone"
    yield "Amazon Linux: the program ran on this machine's system, with its memory and time not limited"


if __name__ == "__main__":
    try:
        main()
    except (Wrong, guided.Failed) as failure:
        sys.exit(f"make try-deploy failed, the logs are in {FOLDER}: {failure}")
    except Exception as failure:
        (FOLDER / "traceback.log").write_text(traceback.format_exc())
        sys.exit(f"make try-deploy failed, the logs are in {FOLDER}: {type(failure).__name__}: {failure}")
