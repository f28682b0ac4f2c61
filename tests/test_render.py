"""What a model wrote can be read, and does nothing."""

from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.code_colours import LANGUAGES, coloured
from app.formulas import mathml, reads_as_formula
from app.render import RENDER_CSS, prompt_html, raw_html, response_html
from data.schemas import Message

MARKS = set("#*_~`>-+=|:\\<>[]")
"""Characters that Markdown may use up as marks; all others must be seen."""
TAGS = "div span p h3 h4 h5 h6 ul ol li blockquote pre code em strong s a br hr table thead tbody tr th td section bdi"
SAFE_TAGS = set(TAGS.split())


class Reader(HTMLParser):
    """An independent reading of HTML: the text that stands in it, and which tags and attributes it has."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.attributes, self.open = "", set[str](), set[tuple[str, str, str]](), list[str]()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name, value or "") for name, value in attrs}
        self.open.append(tag)
        self.text += "\n" if tag == "br" else ""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(text: str) -> str:
    return "".join(text.split())


def is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)


def check_faithful(source: str, markup: str) -> None:
    """Nothing is added, nothing is out of order, and only Markdown's marks are missing."""
    visible, written = seen(Reader(markup).text), seen(source)
    assert is_subsequence(visible, written)
    assert set(Counter(written) - Counter(visible)) <= MARKS


def check_safe(markup: str) -> None:
    page = Reader(markup)
    assert page.tags <= SAFE_TAGS
    for tag, name, value in page.attributes:
        assert name in {"class", "dir", "href", "target", "rel", "tabindex", "title"}
        assert name != "href" or (tag == "a" and value.split(":")[0] in {"http", "https", "mailto"})


WHOLE = [
    "a -> b <- c -- d >= e ~= f",
    ":tada: :red[x] :material/home:",
    "$5 and $10, or 5$ and 6$",
    "<b>bold</b> <script>alert(1)</script> <!-- note -->",
    "&amp; &#58; &nbsp; &lt;",
    r"\*not emphasis\* C:\_folder\# \\",
    "[ref]: http://example.com 'definition'",
    "[text][ref] and [ref] and ![alt][ref]",
    "![alt](http://example.com/x.png 'title')",
    "[x](javascript:alert(1)) [y](data:text/html,z) [z](/admin) [w](vbscript:q)",
    "a\u00a0b\u202ec\u2066d\u200de",
    "50% {% if %} {{ x }} ${y}",
    "01. first",
    r"formulas $x^2_1$ and \(y\) and $$z$$",
]


@pytest.mark.parametrize("source", WHOLE[:-2])
def test_what_is_no_mark_of_markdown_stays_character_for_character(source: str) -> None:
    assert seen(Reader(response_html(source)).text) == seen(source)


MIXED = [
    "# Head\n\ntext\n\nSetext\n===\n\n---\n\n* * *",
    "*em* **strong** _em_ ~~gone~~ `code` ``a`b``",
    '[t](https://x.com/a_b?q=1&c=2 "Title <b>") <https://a.b/é%20> <a@b.co>',
    "1. one\n1. two\n   - in\n     - deep\n10) ten\n\n- [ ] task\n+ plus",
    "> quote\n> > deeper\n>\n> end",
    "| a | b |\n|---|:-:|\n| 1 | 2 \\| 3 |\n| only one |",
    "| a | b |\n|---|---|\n| 1 | 2 | more cells than the head |",
    "```python title='x'\ndef f(x):\n\treturn '<b>'  # hi\n```\n\n    indented code\n\n~~~\nopen",
    "line one  \nline two\\\nline three\nline four",
    "[]() [](http://x.y) [a [b] c](http://x.y 'é') ![](http://x.y)",
    "text\n$$\ne = mc^2\n$$\n\n\\[\nx\n\\]",
]


@pytest.mark.parametrize("source", WHOLE + MIXED)
def test_the_visible_text_is_the_source_less_marks(source: str) -> None:
    check_faithful(source, response_html(source))
    check_safe(response_html(source))


WORDS = """a b 1 . , é 文 ع # ## * ** _ ~~ ` ``` > - + 1. 10) | |-|-| : = === --- \\ \\( \\) \\[ \\] $ $$ [ ] ( )
![ ]( ](http://x.y) <b> </b> <!-- --> &amp; &#58; < > ! : { } % ^ <http://x.y> [a]: javascript: http:// ->"""
SPACES = ["", " ", "    ", "\t", "\n", "\n\n", "\n    ", "\u00a0", "\u202e"]
BLOCKS = ["| a | b |\n|-|-|\n| c | d |\n", "```py\n"]
PIECES = st.sampled_from([*WORDS.split(), *SPACES, *BLOCKS])


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_mixture_of_marks_is_shown_in_full_and_is_inert(source: str) -> None:
    check_faithful(source, response_html(source))
    check_safe(response_html(source))
    check_safe(raw_html(source))


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80))
def test_any_text_is_shown_in_full(source: str) -> None:
    check_faithful(source, response_html(source))
    assert Reader(raw_html(source)).text == source.replace("\r\n", "\n").replace("\r", "\n")


def test_the_raw_view_keeps_every_space() -> None:
    source = "\n  two\t tabs \n\n   \n\u00a0end  "
    assert Reader(raw_html(source)).text == source
    assert "\n" not in raw_html(source)


def test_markdown_is_rendered() -> None:
    markup = response_html(
        "# Head\n\n**bold** `code`\n\n- item\n\n| a |\n|---|\n| b |\n\n> said\n\n```python\nimport os\n```"
    )
    assert {"h3", "strong", "code", "ul", "table", "blockquote", "pre"} <= Reader(markup).tags
    assert '<span class="rd-k">import</span>' in markup
    assert '<div class="rd-lang">python</div>' in markup


def test_code_is_coloured_in_every_language_listed_and_never_changed() -> None:
    for language in LANGUAGES:
        check_faithful(f"```{language}\nx = 1\n```", response_html(f"```{language}\nx = 1\n```"))
    assert "rd-n" in coloured("x = 1", "python")
    assert coloured("\ufeffx = 1", "python") == "\ufeffx = 1"
    assert coloured("x = 1", "klingon") == coloured("x = 1", "") == "x = 1"
    assert "<span" not in coloured("x = 1\n" * 5_000, "python")
    assert coloured("x = 1", "python", deadline=0) == "x = 1"


def test_headings_stay_below_those_of_the_screen() -> None:
    assert Reader(response_html("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6")).tags >= {"h3", "h4", "h5", "h6"}
    assert not Reader(response_html("# 1\n\nb\n===")).tags & {"h1", "h2"}


def test_numbered_lists_keep_the_numbers_that_were_written() -> None:
    assert seen(Reader(response_html("1. a\n1. b\n1. c")).text) == "1.a1.b1.c"
    assert seen(Reader(response_html("007) a")).text) == "007)a"


def test_a_link_shows_its_address_and_opens_elsewhere() -> None:
    markup = response_html('[here](https://x.y/z "T")')
    assert '<a href="https://x.y/z" target="_blank" rel="noopener noreferrer nofollow">here</a>' in markup
    assert Reader(markup).text == 'here(https://x.y/z "T")'


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:x", "vbscript:x", "data:text/html,x", "file:///x", "//x.y", "/x", "x"],
)
def test_only_web_and_mail_addresses_become_links(address: str) -> None:
    markup = response_html(f"[click]({address}) <{address}>")
    assert "a" not in Reader(markup).tags
    assert address in Reader(markup).text


def test_blocks_and_list_items_find_their_own_direction() -> None:
    markup = response_html("نص\n\n- عنصر\n\n> اقتباس\n\n# عنوان")
    for block in ("<p dir", "<li dir", "<blockquote dir", "<h3 dir"):
        assert f'{block}="auto"' in markup


def test_a_direction_override_is_named_and_walled_in() -> None:
    markup = response_html("safe\u202egnp.exe")
    assert '<bdi class="rd-hidden" title="U+202E">\u202e</bdi>' in markup
    assert ".rd-hidden::before" in RENDER_CSS


def test_formulas_are_drawn_where_asked_for() -> None:
    source = r"So $x^2$, \(\frac{1}{2}\) and" "\n\n$$\n\\sin x\n$$"
    assert "<math" not in response_html(source)
    drawn = response_html(source, mathml=True)
    assert drawn.count("<math") == 3
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in drawn
    assert 'display="block"' in drawn
    check_faithful(source, response_html(source))


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{<mi>x</mi>}",
        r"\phantom{hidden} x",
        r"a % hidden",
        r"\includegraphics{http://x.y/z.png}",
        r"\style{color:red}{b}",
        r"\color{red} x",
        r"\unknown{q}",
        "{" * 300,
        "x" * 3000,
        "^",
    ],
)
def test_a_formula_that_hides_something_is_shown_as_written(latex: str) -> None:
    assert mathml(latex, display=False) is None
    check_faithful(f"${latex}$", response_html(f"${latex}$", mathml=True))


ORDINARY = [
    r"\mathbb{R}",
    r"x \bmod 5",
    r"\lim_{n\to\infty} a_n",
    r"\begin{aligned} a &= b \\ &= c\end{aligned}",
    r"a<b",
    r"\text{если } x>0",
]


@pytest.mark.parametrize("latex", ORDINARY)
def test_ordinary_formulas_are_drawn(latex: str) -> None:
    assert (mathml(latex, display=True) or "").startswith("<math")


@pytest.mark.parametrize("latex", [r"\hspace{%s}x", r"\kern%s x", r"a_{%s}", r"\left%s a\right)"])
def test_a_direction_override_in_a_formula_ends_no_tag_and_is_shown(latex: str) -> None:
    source = f"${latex % chr(0x202E)}$"
    shown = response_html(source, mathml=True)
    assert Reader(shown).text.replace("\u202e", "") == source.replace("\u202e", "")
    assert shown.count("rd-hidden") == 1


def test_prices_are_no_formulas() -> None:
    assert not reads_as_formula("5, or 5")
    assert not reads_as_formula("10")
    assert all(reads_as_formula(latex) for latex in ("x", "O(n)", "f'(x)", "2n"))
    assert reads_as_formula(r"a \cdot b")
    assert "rd-formula" not in response_html("It costs $5, or 5$ more", mathml=True)


HARD = {
    "quotes": ">" * 5_000,
    "brackets": "[" * 10_000,
    "emphasis": "*a " * 20_000,
    "closed emphasis": "*a " * 20_000 + " a*" * 20_000,
    "images": "![" * 30_000,
    "lists": "".join("  " * n + "- x\n" for n in range(300)),
    "open formulas": "\\(" * 60_000,
    "table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 20_000,
    "wide table": "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + "|x\n" * 30_000,
    "links": "[a](b " * 20_000,
    "prose": "Words upon words. " * 11_000,
    "slow lexer": "```java\n" + "a " * 9_500 + "\n```",
    "code": "```python\n" + "x = 1\n" * 30_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HARD)
def test_pathological_text_ends_within_seconds_and_is_shown_in_full(name: str) -> None:
    source = HARD[name][:200_000]
    check_faithful(source, response_html(source))


def test_what_is_nested_too_deeply_is_shown_raw() -> None:
    assert response_html(">" * 500).startswith('<pre class="rd-text rd-raw"')


def test_a_prompt_shows_its_turns_with_their_roles() -> None:
    turns = [
        Message(role="system", content="Be kind"),
        Message(role="user", content="**Hi**"),
        Message(role="assistant", content="Yes"),
    ]
    text = Reader(prompt_html(turns)).text
    places = [text.index(word) for word in ("System", "Be kind", "User", "Hi", "Assistant", "Yes")]
    assert places == sorted(places)
    assert "**Hi**" in prompt_html(turns, content=raw_html)
    assert prompt_html(turns[1:2]) == response_html("**Hi**")
    assert "System" in prompt_html(turns[:1])
