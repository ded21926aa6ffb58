"""ministack, an emulator of AWS, for checks in a network of their own: it listens on all interfaces."""

import contextlib

import boto3
import botocore.config
import network
import programs

PORT = 4566
REGION = "us-east-1"
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@contextlib.contextmanager
def running(**variables):
    """Run it with these variables, and yield its address."""
    python = programs.ROOT / ".build-ministack/bin/python"
    program = programs.Program(
        python, programs.ROOT / "Tests/Deployment/ministack_program.py", merged=True,
        env=programs.environment(GATEWAY_PORT=str(PORT), **ROOT, **variables),
    )  # fmt: skip
    try:
        assert network.is_served(PORT, lambda: programs.is_alive(program.process.pid)), program.log
        yield f"http://127.0.0.1:{PORT}"
    finally:
        program.stop()


def client(ministack, service, key="test", secret="test", token=None):
    return boto3.client(
        service, endpoint_url=ministack, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
        aws_session_token=token, config=botocore.config.Config(proxies={}, retries={"total_max_attempts": 1}),
    )  # fmt: skip
