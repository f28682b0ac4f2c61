"""Words of a rendered answer can be marked, painted, chosen by keys and compared, in a real browser."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from app.render import raw_html, response_html
from tests.test_render import BLOCKS, MARKS, MIXED, SPACES, WHOLE, WORDS

BOARD = Path(__file__).parent.parent / "app" / "board"
POLICY = "default-src 'none'; script-src 'self' 'unsafe-eval' blob:; style-src 'unsafe-inline'"
START = """import * as marks from "/marks.js"; import * as diff from "/diff.js"; Object.assign(window, { marks, diff });
window.shown = (html, style = "") => {
  document.body.replaceChildren();
  const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  root.innerHTML = "<style></style><div class='words'></div>";
  root.querySelector("style").textContent = style;
  root.querySelector(".words").innerHTML = html;
  return root.querySelector(".words");
};
window.ready = true;"""


def answer(route: Route) -> None:
    """The board's own files from its folder, as the server would serve them."""
    path = route.request.url.removeprefix("http://board.test/")
    headers = {"Content-Security-Policy": POLICY}
    if path == "":
        body = "<!doctype html><script type=module src=/start.js></script><body style='margin:0;width:600px'>"
        route.fulfill(body=body, content_type="text/html", headers=headers)
    else:
        body = START if path == "start.js" else (BOARD / path).read_text(encoding="utf-8")
        route.fulfill(body=body, content_type="text/javascript", headers=headers)


@pytest.fixture
def board(page: Page) -> Iterator[Page]:
    """A page with the modules `marks` and `diff`."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.route("http://board.test/**", answer)
    page.goto("http://board.test/")
    page.wait_for_function("window.ready")
    yield page
    assert not faults


OTHERS = [
    "Hello 😀 wor👨‍👩‍👧ld **bold 🎉** and 𝒳 _𠀀𠀁_ end",
    "我们今天去**北京大学**学习,然后回家。`代码` 也很重要!",
    "日本語の*文章*をマークする。カタカナとひらがな。",
    "هذا **نص** عربي مع `code` و [رابط](https://x.y) في السطر.\n\n- عنصر أول\n- عنصر ثان",
    "# Head\n\n- - dash\n- * star *em* * end\n\n| a | b |\n|---|:-:|\n| - | x |\n| ** | > |\n\n> > quote - here",
    "So $x^2 + a$ and \\(\\frac{a}{b}\\) then\n\n$$\n\\sum_a a\n$$\n\nafter **a** \\[ b \\] end $5 and a",
    "```python\ndef f(a, *args, **kwargs):\n    return a * b  # **not bold** 😀\n```\n\ntext `**kw` and ``a`b`` _x_",
    "2 * 3 * 4 = 24 -> **yes** and a_b_c but _em_ ~~gone~~ 1 > 0",
    "1. one **two**\n2. three\n   - four [five](http://a.b/c_d 'six *seven*') <https://e.f>\n\n![alt](http://x.y/z.png)",
    "a\r\nb\r\n\r\n**c** \x00 d\u202ee \x1c f \ufffc g",
]


FORMS = r"@ @ **@** _@_ ***@*** `@` ~~@~~ [@](https://x.y/q_z) $\frac{a}{b}$ \(@^2\)"


def made(seed: int) -> str:
    """A Markdown text of blocks in many languages, whose words differ."""
    chance = random.Random(seed)
    alphabets = ["abcdefghij", "абвгдежзик", "ابتثجحخدذر", "αβγδεζηθικ"]

    def word() -> str:
        if chance.random() < 0.15:
            return chance.choice(["😀", "北京", "日本語", "𝒳𝒴", "-", "*", "a_b", "x > y", "`-`", "3 * 4"])
        letters = chance.choice(alphabets)
        return "".join(chance.choice(letters) for _ in range(chance.randint(2, 8)))

    def phrase() -> str:
        text = " ".join(word() for _ in range(chance.randint(1, 6)))
        return chance.choice(FORMS.split()).replace("@", text)

    def line() -> str:
        return " ".join(phrase() for _ in range(chance.randint(1, 5)))

    def table() -> str:
        rows = ["| " + " | ".join(phrase().replace("|", "") for _ in range(3)) + " |" for _ in range(3)]
        return "\n".join([rows[0], "|---|:-:|---|", *rows[1:]])

    blocks = [line, line, table, lambda: f"# {line()}", lambda: f"> {line()}\n> > {line()}"]
    blocks += [lambda: f"- {line()}\n- {line()}\n  1. {line()}", lambda: f"```python\n{line()}\n  # {line()}\n```"]
    blocks += [lambda: f"{line()}\n{line()}  \n{line()}", lambda: f"$$\n{word()} + x\n$$"]
    return "\n\n".join(chance.choice(blocks)() for _ in range(chance.randint(1, 8)))


def texts() -> list[str]:
    chance = random.Random(7)
    wild = ["".join(chance.choices([*WORDS.split(), *SPACES, *BLOCKS], k=40)) for _ in range(200)]
    return [*WHOLE, *MIXED, *OTHERS, *wild, *(made(seed) for seed in range(250))]


ROUND = """([source, html, seed]) => {
  const element = shown(html);
  const index = marks.indexOf(element, source);
  let state = seed;
  const chance = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
  const formula = (range) => [...element.querySelectorAll("math")].some((m) => range.intersectsNode(m));
  return Array.from({ length: index.words.length ? 12 : 0 }, () => {
    const first = chance(index.words.length);
    const last = Math.min(index.words.length - 1, first + chance(12));
    const piece = [index.words[first][0], index.words[last][1]];
    const ranges = index.rangesOfVisible([piece]);
    const whole = document.createRange();
    whole.setStart(ranges[0].startContainer, ranges[0].startOffset);
    whole.setEnd(ranges.at(-1).endContainer, ranges.at(-1).endOffset);
    const span = index.spanOf(whole);
    return {
      span, back: span && index.visibleOf(span), piece, visible: index.text.slice(...piece), formula: formula(whole),
      again: span && index.rangesOf(span).map(String).join(""), selected: whole.toString(),
      first: index.text.slice(...index.words[first]), last: index.text.slice(...index.words[last]),
    };
  });
}"""


def bare(text: str) -> str:
    """Without white space and marks, and without NUL, for which HTML has its own sign or none."""
    return "".join(c for c in text if c not in "\0\ufffd" and not (c.isspace() or c in MARKS))


@pytest.mark.parametrize("view", ["rendered", "raw"])
def test_a_mark_covers_the_selected_words_in_the_source_and_comes_back(board: Page, view: str) -> None:
    exact = count = 0
    for seed, source in enumerate(texts()):
        markup = raw_html(source) if view == "raw" else response_html(source, mathml=True)
        for found in board.evaluate(ROUND, [source, markup, seed]):
            part = source[found["span"]["start"] : found["span"]["end"]]
            assert found["back"] == found["piece"], source
            if not found["formula"]:
                assert bare(part) == bare(found["visible"]) == bare(found["selected"]) == bare(found["again"])
                count += 1
                exact += part.startswith(found["first"]) and part.endswith(found["last"])
    assert count > 3_000
    assert exact / count >= 0.99  # the others begin or end with a word that has marks within


def words_of(board: Page, source: str, *, find: str) -> list[str]:
    """The words of a rendered answer, and of the source those characters that `find` in the visible text stands for."""
    script = """([source, html, find]) => {
      const index = marks.indexOf(shown(html), source);
      const at = index.text.indexOf(find);
      const span = index.spanOfVisible([at, at + find.length]);
      return [span.start, span.end, index.words.map(([start, end]) => index.text.slice(start, end))];
    }"""
    start, end, words = board.evaluate(script, [source, response_html(source, mathml=True), find])
    return [source[:start], source[start:end], *words]


@pytest.mark.parametrize(
    ("source", "find", "before", "words"),
    [
        ("| a | b |\n|---|---|\n| - | x |", "-", "| a | b |\n|---|---|\n| ", ["a", "b", "x"]),
        ("- - a\n- > b", "b", "- - a\n- > ", ["a", "b"]),
        ("x\n\n* * *\n\n* \\* y", "*", "x\n\n* * *\n\n* \\", ["x", "y"]),
        ("2*3 *4* 5", "*", "2", ["2", "3", "4", "5"]),
        ("**a** -> b", "->", "**a** ", ["a", "b"]),
        ("😀 **𝒳y** 🎉", "🎉", "😀 **𝒳y** ", ["😀", "𝒳y", "🎉"]),
        ("我爱北京天安门", "天安门", "我爱北京", ["我", "爱", "北京", "天安门"]),
        ("so $\\frac{a}{b}$ a", " a", "so $\\frac{a}{b}$ ", ["so", "$\\frac{a}{b}$", "a"]),
        ("$$\na\n$$\n\n\\[a\\] a", "\\[a\\]", "$$\na\n$$\n\n", ["$$\na\n$$", "\\[a\\]", "a"]),
        ("...!", "!", "...", [".", ".", ".", "!"]),
    ],
)
def test_each_character_is_found_where_it_stands(
    board: Page, source: str, find: str, before: str, words: list[str]
) -> None:
    found = words_of(board, source, find=find)
    assert found[:2] == [before, find.strip()]
    assert found[2:] == words


def test_a_formula_is_marked_as_a_whole(board: Page) -> None:
    source = "so $x^2$ end"
    script = """([source, html]) => {
      const element = shown(html), index = marks.indexOf(element, source), range = document.createRange();
      range.selectNodeContents(element.querySelector("mi"));
      const [whole] = index.rangesOf({ start: 4, end: 5 });
      return [index.spanOf(range), whole.startContainer.childNodes[whole.startOffset].localName, index.text.trim()];
    }"""
    shown = board.evaluate(script, [source, response_html(source, mathml=True)])
    assert shown == [{"start": 3, "end": 8}, "math", source]


STRAY = """([source, html]) => {
  const index = marks.indexOf(shown(html), source);
  const spans = [[0, 5], [3, 900], [-4, 2], [7, 7], [9, 3], [1e9, 2e9], [NaN, 2]];
  const ranges = spans.map(([start, end]) => index.rangesOf({ start, end }).length);
  return [ranges.every(Number.isInteger), index.words.length, index.spanOf(document.createRange())];
}"""


@pytest.mark.parametrize("html", ["", "<p>other words</p>", "<p>a<math><mi>x</mi></math>$b</p>", "<p>" + "*x " * 9_000])
def test_a_text_that_is_not_the_source_does_no_harm(board: Page, html: str) -> None:
    for source in ("", "a", "$ $ a b", "*" * 20_000, "😀 $$ x $$ *", "other"):
        sound, _, outside = board.evaluate(STRAY, [source, html])
        assert sound
        assert outside is None


LONG = "\n\n".join(
    f"Paragraph {n} with **bold** words, `code`, [a link](http://x.y/{n}) and so on. " * 5 for n in range(40)
)


def test_all_of_two_thousand_words_are_aligned(board: Page) -> None:
    script = """([source, html]) => {
      const index = marks.indexOf(shown(html), source);
      return index.spanOfVisible([0, index.text.length]);
    }"""
    assert len(LONG.split()) > 2_000
    span = board.evaluate(script, [LONG, response_html(LONG, mathml=True)])
    assert (span["start"], span["end"]) == (0, len(LONG.rstrip()))


STYLE = """::highlight(flag-toxic) { background-color: rgb(255, 0, 0) }
::highlight(mark) { background-color: rgb(0, 0, 255) }"""


def coloured(page: Page) -> set[str]:
    """Which of the two colours of STYLE are on the screen."""
    image = page.screenshot()
    script = """async (data) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(data)]));
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data: dots } = context.getImageData(0, 0, image.width, image.height);
      const colours = new Set();
      for (let n = 0; n < dots.length; n += 4) colours.add(`${dots[n]},${dots[n + 1]},${dots[n + 2]}`);
      return [...colours];
    }"""
    found = set(page.evaluate(script, list(image)))
    return {name for name, dot in {"toxic": "255,0,0", "mark": "0,0,255"}.items() if dot in found}


def test_paint_shows_within_a_shadow_root_and_each_owner_clears_its_own(board: Page) -> None:
    source = "one **two** three $x^2$ four"
    script = """([source, html, style]) => {
      window.index = marks.indexOf(shown(html, style), source);
      marks.paint("flag-toxic", index.rangesOf({ start: 4, end: 17 }), "A");
      marks.paint("flag-toxic", index.rangesOf({ start: 0, end: 3 }), "B");
      marks.paint("mark", index.rangesOf({ start: 24, end: 28 }));
    }"""
    board.evaluate(script, [source, response_html(source, mathml=True), STYLE])
    assert coloured(board) == {"toxic", "mark"}
    board.evaluate("marks.clear('mark'); marks.clear('flag-toxic', 'A')")
    assert coloured(board) == {"toxic"}
    board.evaluate("marks.clear('flag-toxic')")
    assert coloured(board) == set()
    board.evaluate("marks.paint('mark', index.rangesOf({ start: 18, end: 23 }))")
    assert coloured(board) == {"mark"}


def test_without_highlights_painting_does_nothing(board: Page) -> None:
    board.evaluate("delete window.Highlight; marks.paint('mark', [document.createRange()])")
    assert coloured(board) == set()
    board.evaluate("marks.clear('mark')")


def test_what_the_mouse_selects_is_a_mark(board: Page) -> None:
    source = "one **two three** four\n\n- five 😀 six"
    board.evaluate(
        """([source, html]) => {
          const element = shown(html);
          Object.assign(window, { root: element.getRootNode(), index: marks.indexOf(element, source) });
          window.chosen = () => { const range = marks.selectionIn(root); return range && index.spanOf(range); };
          window.place = (word) => {
            const at = index.text.indexOf(word);
            const box = index.rangesOfVisible([[at, at + word.length]])[0].getBoundingClientRect();
            return [box.left, box.right, (box.top + box.bottom) / 2];
          };
        }""",
        [source, response_html(source)],
    )
    assert board.evaluate("chosen()") is None
    left, right, height = board.evaluate("place('two')")
    board.mouse.dblclick((left + right) / 2, height)
    span = board.evaluate("chosen()")
    assert source[span["start"] : span["end"]] == "two"
    _, end, low = board.evaluate("place('six')")
    board.mouse.move(end, low)
    board.mouse.down()
    board.mouse.move(left, height, steps=5)
    board.mouse.up()
    span = board.evaluate("chosen()")
    assert source[span["start"] : span["end"]] == "two three** four\n\n- five 😀 six"
    board.evaluate("document.getSelection().selectAllChildren(document.body)")
    assert board.evaluate("chosen()") is None


def cursor(board: Page, source: str) -> None:
    script = """([source, html]) => {
      window.index = marks.indexOf(shown(html), source);
      window.cursor = new marks.WordCursor(index);
    }"""
    board.evaluate(script, [source, response_html(source, mathml=True)])


def moves(board: Page, *steps: str) -> list[str]:
    """What the cursor has chosen after each step."""
    return [board.evaluate(f"(cursor.{step}, cursor.words)") for step in steps]


def test_words_are_chosen_by_keys(board: Page) -> None:
    cursor(board, "One, **two** three. 我爱北京! $x^2$ 😀 end")
    assert moves(board, "words", "move(1)", "move(1, true)", "move(1, true)") == [
        "One",
        "two",
        "two three",
        "two three. 我",
    ]
    assert moves(board, "move(-1, true)", "move(-1, true)", "move(-1, true)") == ["two three", "two", "One, two"]
    assert moves(board, "move(1)", "move(100)", "move(-1)", "move(-1)") == ["two", "end", "😀", "$x^2$"]
    assert board.evaluate("cursor.move(-100), cursor.move(-1)") is False
    assert board.evaluate("cursor.move(1), [cursor.span, cursor.range.toString()]") == [{"start": 7, "end": 10}, "two"]


def test_sentences_are_chosen_by_keys(board: Page) -> None:
    cursor(board, "One two. Three four? Five six.\n\nSeven.")
    assert moves(board, "moveSentence(1)", "moveSentence(1, true)", "moveSentence(1, true)", "moveSentence(-1)") == [
        "Three",
        "Three four",
        "Three four? Five six",
        "Three",
    ]
    assert moves(board, "moveSentence(5)", "moveSentence(-1)") == ["Three", "One"]


def test_lines_are_moved_by_what_stands_above_and_below(board: Page) -> None:
    cursor(board, "a b c  \nlonger words here\n\nx\n\n- another line of words")
    assert moves(board, "moveLine(1)", "moveLine(1)", "moveLine(1)", "moveLine(1)") == [
        "longer",
        "x",
        "another",
        "another",
    ]
    assert moves(board, "move(100)", "moveLine(-1)", "moveLine(-1)") == ["words", "x", "here"]
    assert moves(board, "moveLine(-1, true)") == ["c longer words here"]


def test_lines_of_a_table_and_of_arabic_are_moved_too(board: Page) -> None:
    cursor(board, "| a | b |\n|---|---|\n| c | d |\n| e | f |")
    assert moves(board, "move(1)", "moveLine(1)", "moveLine(1)", "moveLine(-1)") == ["b", "d", "f", "d"]
    cursor(board, "واحد اثنان ثلاثة\nأربعة خمسة ستة")
    assert moves(board, "move(1)", "moveLine(1)", "moveLine(-1)") == ["اثنان", "خمسة", "اثنان"]


def test_an_answer_without_words_has_a_cursor_too(board: Page) -> None:
    cursor(board, "")
    assert board.evaluate(
        "[cursor.move(1), cursor.moveLine(1), cursor.moveSentence(1), cursor.span, cursor.range]"
    ) == [
        False,
        False,
        False,
        None,
        None,
    ]


PAIRS = [
    ("the quick brown fox", "a slow brown fox"),
    ("我爱北京天安门", "我爱上海天安门"),
    ("", "new"),
    ("gone", ""),
    ("same", "same"),
    ("a\n\nb c\n", "a\nb  c"),
    ("😀 one", "🎉 one"),
    ("<b>x</b> &amp;", "<i>x</i> &lt;"),
]


def test_a_difference_gives_both_texts_back(board: Page) -> None:
    for before, after in [*PAIRS, *zip(texts()[:60], texts()[60:120], strict=True)]:
        parts = board.evaluate("([before, after]) => diff.wordDiff(before, after)", [before, after])
        assert "".join(part["text"] for part in parts if part["kind"] != "added") == before
        assert "".join(part["text"] for part in parts if part["kind"] != "removed") == after
        assert board.evaluate("(text) => diff.words(text).join('')", before) == before


def test_differences_are_words_and_neighbours_are_one_change(board: Page) -> None:
    found = [board.evaluate("([before, after]) => diff.wordDiff(before, after)", list(pair)) for pair in PAIRS[:2]]
    kinds = [[(part["kind"], part["text"]) for part in parts] for parts in found]
    assert kinds[0] == [("removed", "the quick"), ("added", "a slow"), ("same", " brown fox")]
    assert kinds[1] == [("same", "我爱"), ("removed", "北京"), ("added", "上海"), ("same", "天安门")]


def test_the_difference_is_shown_as_text_struck_through_or_underlined(board: Page) -> None:
    script = """([before, after]) => {
      const element = shown("").appendChild(diff.diffElement(before, after));
      const line = (name) => getComputedStyle(element.querySelector(name)).textDecorationLine;
      return [element.innerHTML, line("ins"), line("del")];
    }"""
    shown, came, went = board.evaluate(script, ["a <b>", "a <i>"])
    assert shown == "a &lt;<del>b</del><ins>i</ins>&gt;"
    assert (came, went) == ("underline", "line-through")


def test_changed_ranges_are_offsets_without_white_space(board: Page) -> None:
    script = "([before, after]) => diff.changedRanges(before, after)"
    assert board.evaluate(script, ["😀 one two", "😀 one and two"]) == {"before": [], "after": [[7, 10]]}
    assert board.evaluate(script, ["a b", "a c"]) == {"before": [[2, 3]], "after": [[2, 3]]}


@pytest.mark.parametrize("size", [2_000, 40_000])
def test_a_difference_of_long_texts_is_told_by_words_or_by_larger_parts(board: Page, size: int) -> None:
    chance = random.Random(3)
    before, after, edited = ([f"w{chance.randrange(5_000)}" for _ in range(size)] for _ in range(3))
    edited = [word if n % 20 else "other" for n, word in enumerate(before)]
    script = "([before, after]) => diff.wordDiff(before, after).length"
    assert board.evaluate(script, [" ".join(before), " ".join(after)]) >= 2
    assert board.evaluate(script, [" ".join(before), " ".join(edited)]) > (200 if size == 2_000 else 1)
