"""A model's text is shown as Markdown, and never runs."""

import answers
import programs
import pytest
from playwright.sync_api import expect

HOSTILE = """# <script>window.ran = 1</script>

<img src=x onerror="window.ran = 2"> <svg onload="window.ran = 3"></svg>

[click](javascript:window.ran=4) [data](data:text/html,<script>window.ran=5</script>) [tab](java\tscript:window.ran=6)
![picture](https://elsewhere.example/track.png) ![x](javascript:window.ran=7) [good](https://example.com/?a=1&b=2)
<https://example.com/angle> <javascript:window.ran=8> **<b onclick="window.ran=9">bold</b>**

| <script>window.ran=10</script> | b |
|---|---|
| <iframe srcdoc="<script>parent.ran=11</script>"> | `<i>` |

```html"><script>window.ran=12</script>
<script>window.ran = 13</script>
</code></pre><img src=x onerror="window.ran=14">
```
"""


def test_nothing_that_a_model_writes_runs(upstream, playground):
    upstream.script(answers.stream(*HOSTILE))
    playground.ask("Hi")
    text = playground.text
    made = text.evaluate("e => [...new Set([...e.querySelectorAll('*')].map(n => n.localName))].sort()")
    allowed = {"a", "button", "code", "div", "h4", "p", "pre", "span", "strong"}
    assert set(made) <= allowed | {"table", "tbody", "td", "th", "thead", "tr"}
    assert (
        text.evaluate(
            "e => [...e.querySelectorAll('*')].flatMap(n => n.getAttributeNames()).filter(n => /^on|style/.test(n))"
        )
        == []
    )
    links = text.locator("a").evaluate_all("links => links.map(a => [a.href, a.rel, a.target])")
    addresses = ["https://elsewhere.example/track.png", "https://example.com/?a=1&b=2", "https://example.com/angle"]
    assert links == [[address, "noopener noreferrer", "_blank"] for address in addresses]
    expect(text.locator("pre")).to_contain_text("<script>window.ran = 13</script>")
    assert playground.page.evaluate("window.ran") is None
    playground.is_clean()


def test_a_text_from_right_to_left_begins_at_the_right(upstream, playground):
    upstream.script(answers.stream("שלום\n\nHello"))
    playground.ask("Hi")
    gaps = """e => [...e.querySelectorAll("p")].map((p) => {
        const range = document.createRange();
        range.selectNodeContents(p);
        const [text, block] = [range.getBoundingClientRect(), p.getBoundingClientRect()];
        return [text.left - block.left > 1, block.right - text.right > 1];
    })"""
    assert playground.text.evaluate(gaps) == [[True, False], [False, True]]


# The elements that a text becomes, without attributes.
CASES = {
    "# Title\n## Next #": "<h4>Title</h4><h5>Next</h5>",
    "a *b* **c** ***d*** _e_ __f__ ~~g~~": "<p>a <em>b</em> <strong>c</strong> <strong><em>d</em></strong> <em>e</em> "
    "<strong>f</strong> <del>g</del></p>",
    "snake_case_name 2 * 3 * 4 a*b": "<p>snake_case_name 2 * 3 * 4 a*b</p>",
    "**not closed": "<p>**not closed</p>",
    "**use `**kwargs` here**": "<p><strong>use <code>**kwargs</code> here</strong></p>",
    "`` a`b `` `c": "<p><code>a`b</code> `c</p>",
    r"\*plain\* \# \\": r"<p>*plain* # \</p>",
    "one\ntwo": "<p>one\ntwo</p>",
    "- a\n- b\n  - c\n\n  more\n- d": "<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul><p>more</p></li>"
    "<li><p>d</p></li></ul>",
    "1. a\n   ```\n   x\n   ```\n2. b": "<ol><li><p>a</p>[x]</li><li><p>b</p></li></ol>",
    "3) c": "<ol><li><p>c</p></li></ol>",
    "- [ ] a\n- [x] b": "<ul><li><p>☐ a</p></li><li><p>☑ b</p></li></ul>",
    "> a\n> > b": "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
    "a\n\n---\nb": "<p>a</p><hr><p>b</p>",
    "| a | b |\n|:-:|--:|\n| 1 \\| 2 | **3** |": "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
    "<tbody><tr><td>1 | 2</td><td><strong>3</strong></td></tr></tbody></table>",
    "a | b": "<p>a | b</p>",
    "```\n# no\n\n**no**\n```\nyes": "[# no\n\n**no**]<p>yes</p>",
    "~~~py\n```\n~~~": "[```]",
    "```a``` b\n\nc": "<p><code>a</code> b</p><p>c</p>",
    "```\nopen": "[open]",
    "[**a**](https://e.org/x_(y)) https://e.org/_z_.": "<p><a><strong>a</strong></a> <a>https://e.org/_z</a>_.</p>",
    "a<br>b": "<p>a<br>b</p>",
    "[rel](/path) [x]": "<p>[rel](/path) [x]</p>",
    "<div>": "<p>&lt;div&gt;</p>",
}
SHOW = """(element) => {
    const copy = element.cloneNode(true);
    for (const code of copy.querySelectorAll(".code")) code.replaceWith(`[${code.querySelector("code").textContent}]`);
    for (const table of copy.querySelectorAll(".table")) table.replaceWith(...table.childNodes);
    return copy.innerHTML.replace(/<(\\w+) [^>]*>/g, "<$1>");
}"""
RENDER = f"""([text, isDone]) => {{
    const view = new MarkdownView();
    view.append(text);
    view.show(isDone);
    return ({SHOW})(view.element);
}}"""
RENDER_STEPWISE = f"""(text) => {{
    const view = new MarkdownView();
    for (const character of text) {{ view.append(character); view.show(); }}
    view.show(true);
    return ({SHOW})(view.element);
}}"""


@pytest.fixture(scope="module")
def parser(chromium, proxy):
    """A page whose functions are called directly."""
    page = chromium.new_page()
    page.set_default_navigation_timeout(programs.PATIENCE * 1000)
    page.goto(f"{proxy.origin}/playground")
    yield page
    page.close()


@pytest.mark.parametrize("text", CASES)
def test_markdown_is_shown(parser, text):
    assert parser.evaluate(RENDER, [text, True]) == CASES[text]


def test_a_text_that_comes_byte_by_byte_looks_as_if_it_had_come_whole(parser):
    whole = "\n\n".join(case for case in CASES if case != "```\nopen")
    assert parser.evaluate(RENDER_STEPWISE, whole) == parser.evaluate(RENDER, [whole, True])


OPEN_CASES = {
    "so **far": "<p>so <strong>far</strong></p>",
    "so `far": "<p>so <code>far</code></p>",
    "see [the page](https://exa": "<p>see the page</p>",
    "| a | b |": "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody></tbody></table>",
    "| a | b |\n|--": "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody></tbody></table>",
    "```py\nx = 1\n``": "[x = 1]",
}


@pytest.mark.parametrize("text", OPEN_CASES)
def test_what_is_still_being_written_looks_as_it_will(parser, text):
    assert parser.evaluate(RENDER, [text, False]) == OPEN_CASES[text]


REPEATED = ["[", "![", "*a ", "**a", "***a", "_a ", "`a", "``a`", "[a](", "[a](b", "[a](b(", '[a](b "', "<", "<br",
            "|-", "#", " ", "~~a", "\\", "https://", "(", ")"]  # fmt: skip
NESTED = ["> ", "- ", "* * ", "1. ", "> a\n", "- a\n  ", "\t- a\n", "|", "|a\n|-\n", "```\n"]
COUNT = "(text) => renderBlocks(text.split('\\n')).length"


@pytest.mark.parametrize("text", REPEATED)
def test_a_text_takes_time_in_proportion_to_its_length(parser, text):
    """In quadratic time, this would exceed the time limit of a test."""
    assert parser.evaluate(COUNT, f"a {text * (500_000 // len(text))}x") >= 1


@pytest.mark.parametrize("text", NESTED)
def test_nesting_has_a_bound(parser, text):
    assert parser.evaluate(COUNT, f"{text * (50_000 // len(text))}\nx") >= 1


def test_a_long_answer_in_thousands_of_chunks_is_read_in_bounded_work(upstream, playground):
    paragraph = "A sentence with **bold** text, `code` and [a link](https://example.com/). " * 4
    block = f"## Heading\n\n{paragraph}\n\n- one\n- two\n\n```py\nprint('x')\n```\n\n"
    whole = (block * (200_000 // len(block) + 1))[:200_000]
    chunks = [whole[at : at + 40] for at in range(0, len(whole), 40)]
    assert len(chunks) == 5000
    playground.page.evaluate(
        """() => {
            const show = MarkdownView.prototype.show;
            window.began = performance.now();
            MarkdownView.prototype.show = function (isDone) {
                show.call(this, isDone);
                window.read = this.read;
                window.took = performance.now() - window.began;
            };
        }"""
    )
    upstream.script(answers.stream(*chunks))
    playground.ask("Hi")
    expect(playground.text.locator("h5")).to_have_count(whole.count("## Heading"))
    read, took = playground.page.evaluate("[window.read, window.took]")
    # Each character is read when it arrives; beyond that, at most 100 characters a millisecond are read again.
    assert read <= 2 * len(whole) + 100 * took
