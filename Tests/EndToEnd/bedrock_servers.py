"""The tables of servers for the tests of Bedrock."""

from aws_account import Account

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
NOVA, GPT_OSS = "us.amazon.nova-lite-v1:0", "openai.gpt-oss-120b-1:0"
CLAUDE_46 = "global.anthropic.claude-sonnet-4-6"
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6"

# There are no retries, so that each script of the scripted Bedrock answers one request of a test. Braces are doubled
# for `str.format`.
TABLE = """
bedrock:   {{provider: bedrock, url: "{up}", region: us-east-1, model: "{claude}", num_retries: 0}}
talkative: {{provider: bedrock, url: "{up}", region: us-east-1, keepalive_seconds: 0.05, num_retries: 0}}
priced:
  {{provider: bedrock, url: "{up}", region: us-east-1, num_retries: 0, input_cost_per_token: 0.001,
    output_cost_per_token: 0.002}}
patient:   {{provider: bedrock, url: "{up}", region: us-east-1, num_retries: 1}}
falling:   {{provider: bedrock, url: "{up}", region: us-east-1, num_retries: 0, fallbacks: [openai]}}
openai:    {{url: "{openai}/v1", token: token-of-openai, num_retries: 0, model_aliases: {{"{claude}": other-model}}}}
first:     {{url: "{openai}/v1", token: token-of-first, num_retries: 0, fallbacks: [spare]}}
spare:     {{provider: bedrock, url: "{up}", region: us-east-1, num_retries: 0, model_aliases: {{m: "{claude}"}}}}
abroad:    {{provider: bedrock, url: "{up}", region: xx-nowhere-9, num_retries: 0}}
keyed:     {{provider: bedrock, url: "{up}", region: us-east-1, token: "{key}", num_retries: 0}}
miskeyed:  {{provider: bedrock, url: "{up}", region: us-east-1, token: a-key-that-expired, num_retries: 0}}
signed:
  {{url: "{up}/openai/v1", auth: aws_sigv4, region: us-east-1, service: bedrock, num_retries: 0}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""


def table(bedrock, upstream):
    return TABLE.format(up=bedrock.origin, openai=upstream.origin, claude=CLAUDE, key=Account().api_key)
