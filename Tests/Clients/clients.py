"""The clients that are tried: what is installed, and what the documentation says about them."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Client:
    """A row of docs/clients.md.

    `file` calls the client: each of its functions is something that the client can do. The first of the `packages` is
    the client. `argument` is how the base URL and the key are passed; `variables` have both, if the client reads them.
    Without the `switches` it calls other hosts than the proxy. `leaves_out` names checks that don't apply.
    """

    file: str
    packages: str
    argument: str
    variables: tuple = ()
    switches: dict = dataclasses.field(default_factory=dict)
    remark: str = ""
    suffix: str = "/v1"  # What follows the server's name in the base URL.
    is_big: bool = False  # Over 150 MB: tried only when it is named.
    leaves_out: frozenset = frozenset()

    @property
    def name(self):
        """The package's name, or that of a program that is already installed."""
        return self.packages.partition("==")[0].partition("[")[0] or self.file.removeprefix("call_").removesuffix(".py")

    @property
    def version(self):
        return self.packages.partition(" ")[0].partition("==")[2]

    @property
    def title(self):
        return f"{self.name} {self.version}".strip()


SDK = "OpenAI(base_url=URL, api_key=KEY)"
ASYNC_SDK = "AsyncOpenAI(base_url=URL, api_key=KEY)"
OPENAI = ("OPENAI_BASE_URL", "OPENAI_API_KEY")
OLD_OPENAI = ("OPENAI_API_BASE", "OPENAI_API_KEY")
LOCAL_COSTS = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}

CLIENTS = [
    Client("call_openai.py", "openai==3.57.0", SDK, OPENAI),
    Client("call_openai.py", "openai==2.54.0", SDK, OPENAI),
    Client("call_openai.py", "openai==1.109.1", SDK, OPENAI),
    Client("call_openai.py", "openai==1.3.9 httpx==0.27.2", SDK, OPENAI, remark="With `httpx<0.28`."),
    Client("call_openai_0.py", "openai==0.28.1", "openai.ChatCompletion.create(api_base=URL, api_key=KEY)", OLD_OPENAI),
    Client(
        "call_anthropic.py",
        "anthropic==2.14.0",
        "Anthropic(base_url=URL, api_key=KEY)",
        ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
        remark="The server has `endpoints: [messages]`, and `auth_header: x-api-key` for Anthropic itself. `URL` ends "
        "before `/v1`.",
        suffix="",
        leaves_out=frozenset({"base URL without /v1", "base URL with the endpoint"}),
    ),
    Client(
        "call_langchain.py",
        "langchain-openai==1.7.4",
        "ChatOpenAI(base_url=URL, api_key=KEY)",
        OPENAI,
        remark="`OpenAIEmbeddings(check_embedding_ctx_length=False)`, or it downloads a table of tokens. "
        "`use_responses_api=True` for the Responses API.",
    ),
    Client(
        "call_pydantic_ai.py",
        "pydantic-ai-slim[openai]==2.68.0",
        "OpenAIProvider(base_url=URL, api_key=KEY)",
        OPENAI,
        remark="`OpenAIChatModel`, or `OpenAIResponsesModel` for the Responses API.",
    ),
    Client(
        "call_openai_agents.py",
        "openai-agents==0.24.0",
        ASYNC_SDK,
        OPENAI,
        {"OPENAI_AGENTS_DISABLE_TRACING": "1"},
        "`OpenAIChatCompletionsModel`; without it the Responses API. Traces go to OpenAI unless they are switched off.",
    ),
    Client("call_instructor.py", "instructor==1.17.0", f"instructor.from_openai({SDK})", OPENAI),
    Client(
        "call_autogen.py",
        "autogen-ext[openai]==0.7.5",
        "OpenAIChatCompletionClient(base_url=URL, api_key=KEY)",
        OPENAI,
    ),
    Client(
        "call_llm.py",
        "llm==0.36",
        "api_base: URL",
        remark="An entry of `extra-openai-models.yaml` with `api_key_name`, without which no key is sent.",
    ),
    Client(
        "call_smolagents.py",
        "smolagents[openai]==1.26.0",
        "OpenAIModel(api_base=URL, api_key=KEY)",
        OPENAI,
        remark="`retry=False`, or it waits for minutes at a limit that has been reached.",
    ),
    Client(
        "call_agno.py",
        "agno==3.1.10 openai==3.57.0",
        "OpenAIChat(base_url=URL, api_key=KEY)",
        OPENAI,
        {"AGNO_TELEMETRY": "false"},
        "It raises nothing: `status` is `ERROR`, and `content` has the message. `OpenAIResponses` for the Responses "
        "API.",
    ),
    Client(
        "call_mirascope.py",
        "mirascope[openai]==2.8.2",
        "llm.register_provider('openai:completions', scope='openai/', base_url=URL, api_key=KEY)",
        remark="Provider `openai` for the Responses API.",
    ),
    Client(
        "call_simpleaichat.py",
        "simpleaichat==0.2.2 httpx==0.27.2",
        "session.api_url = URL + '/chat/completions'",
        remark="There is no argument for the URL: set `chat.get_session().api_url`. With `httpx<0.28`.",
    ),
    Client(
        "call_aisuite.py",
        "aisuite[openai,mcp]==0.2.0",
        "aisuite.Client({'openai': {'base_url': URL, 'api_key': KEY}})",
        OPENAI,
    ),
    Client(
        "call_strands.py",
        "strands-agents[openai]==1.62.0",
        "OpenAIModel(client_args={'base_url': URL, 'api_key': KEY})",
        OPENAI,
        remark="`Agent(retry_strategy=None)`, or it waits for minutes at a limit that has been reached.",
    ),
    Client("call_magentic.py", "magentic==0.41.1", "OpenaiChatModel(base_url=URL, api_key=KEY)", OPENAI),
    Client(
        "call_chatlas.py",
        "chatlas==0.23.0 openai==3.57.0",
        "ChatOpenAICompletions(base_url=URL, api_key=KEY)",
        remark="`ChatOpenAI` for the Responses API. It ignores `OPENAI_BASE_URL`: without the argument it calls "
        "OpenAI.",
    ),
    Client("call_any_llm.py", "any-llm-sdk[openai]==1.40.2", "any_llm.completion(api_base=URL, api_key=KEY)", OPENAI),
    Client(
        "call_agent_framework.py",
        "agent-framework-openai==1.17.0",
        "OpenAIChatCompletionClient(base_url=URL, api_key=KEY)",
        OPENAI,
        remark="`OpenAIChatClient` for the Responses API.",
    ),
    Client(
        "call_httpx_sse.py",
        "httpx-sse==0.4.3 httpx==0.28.1",
        "httpx_sse.connect_sse(client, 'POST', URL + '/chat/completions')",
    ),
    Client("call_curl.py", "", "curl URL/chat/completions -H 'Authorization: Bearer KEY'"),
    Client(
        "call_litellm.py",
        "litellm==1.110.2",
        "litellm.completion(api_base=URL, api_key=KEY)",
        OPENAI,
        LOCAL_COSTS,
        "Models are named `openai/…`.",
        is_big=True,
    ),
    Client(
        "call_langchain_litellm.py",
        "langchain-litellm==0.11.2",
        "ChatLiteLLM(api_base=URL, api_key=KEY)",
        switches=LOCAL_COSTS,
        remark="Models are named `openai/…`.",
        is_big=True,
    ),
    Client(
        "call_llama_index.py",
        "llama-index-llms-openai-like==0.8.1",
        "OpenAILike(api_base=URL, api_key=KEY)",
        OLD_OPENAI,
        remark="`is_chat_model=True`, or it calls `completions`; `is_function_calling_model=True` for tools.",
        is_big=True,
    ),
    Client(
        "call_llama_index.py",
        "llama-index-llms-openai==0.8.3 llama-index-embeddings-openai==0.7.0",
        "OpenAI(api_base=URL, api_key=KEY)",
        OLD_OPENAI,
        remark="Only for models with OpenAI's names.",
        is_big=True,
    ),
    Client(
        "call_haystack.py",
        "haystack-ai==3.4.1",
        "OpenAIChatGenerator(api_base_url=URL, api_key=KEY)",
        OPENAI,
        {"HAYSTACK_TELEMETRY_ENABLED": "False"},
        is_big=True,
    ),
    Client(
        "call_semantic_kernel.py",
        "semantic-kernel==1.45.0",
        f"OpenAIChatCompletion(async_client={ASYNC_SDK})",
        OPENAI,
        is_big=True,
    ),
    Client(
        "call_dspy.py",
        "dspy[numpy]==3.4.1",
        "dspy.LM(api_base=URL, api_key=KEY)",
        OPENAI,
        LOCAL_COSTS,
        "Models are named `openai/…`.",
        is_big=True,
    ),
]
