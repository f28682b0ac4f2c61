"""What is said is not lost by a skip taken back, a wrong clock, a fault of the server or old news of the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.board.routes import VERSION
from tests.browser import ServedApp, serving
from tests.desk import ME, Desk, questions

DAY = 86_400_000
"""Milliseconds."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("safe")) as served:
        yield served


def drafts(desk: Desk) -> list[Any]:
    """The ranking in the draft that the server keeps of the task at hand."""
    found = desk.app.store.assign(desk.project, ME)
    return [found.draft["ranking"]] if found and found.draft else []


def wait_for(desk: Desk, ranking: list[list[str]]) -> None:
    for _ in range(200):
        if drafts(desk) == [ranking]:
            return
        desk.page.wait_for_timeout(50)
    assert drafts(desk) == [ranking]


def test_a_skip_that_is_taken_back_brings_back_what_had_been_ranked(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    before = desk.press("c", "a", "Shift+b", "s").saved()
    desk.press("1").saved_after(before)
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    desk.wait()
    desk.press("Shift+U")
    expect(page.locator(".prompt")).to_contain_text("Question 0?")
    desk.wait()
    assert desk.tiers() == ["C", "AB"]
    wait_for(desk, [["C"], ["A", "B"]])
    page.reload()
    desk.wait()
    assert desk.tiers() == ["C", "AB"]


def test_what_lost_to_another_tab_comes_back_when_that_is_undone(app: ServedApp, page: Page) -> None:
    project = app.fill(*questions(2))
    first, second = Desk(app, page, project), Desk(app, page.context.new_page(), project)
    first.press("a").submit()
    second.press("b", "d", "Control+Enter")
    expect(second.page.locator(".saved")).to_have_text("You had judged this task before; that judgement was kept.")
    second.wait()
    second.press("Shift+U")
    expect(second.page.locator(".prompt")).to_contain_text("Question 0?")
    second.wait()
    assert second.tiers() == ["B", "D"]


def test_the_last_step_of_a_task_that_was_begun_is_kept_before_an_undo(
    app: ServedApp, page: Page, browser: Browser
) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    desk.press("a").submit()
    desk.wait()
    desk.press("d", "b", "Shift+U")
    expect(page.locator(".prompt")).to_contain_text("Question 0?")
    desk.wait()
    desk.press("c").submit()
    with browser.new_context() as other:
        assert Desk(app, other.new_page(), desk.project).tiers() == ["D", "B"]


def test_a_device_whose_clock_is_ahead_does_not_freeze_the_other(app: ServedApp, page: Page, browser: Browser) -> None:
    here = Desk(app, page, app.fill(*questions(1)))
    with browser.new_context() as other:
        other.add_init_script(f"const now = Date.now; Date.now = () => now() + {DAY}")
        ahead = Desk(app, other.new_page(), here.project)
        ahead.press("d")
        wait_for(ahead, [["D"]])
        page.reload()
        here.wait()
        here.press("a")
        wait_for(here, [["D"], ["A"]])
        page.reload()
        here.wait()
        assert here.tiers() == ["D", "A"]
        ahead.page.reload()
        ahead.wait()
        assert ahead.tiers() == ["D", "A"]


def test_a_fault_of_the_server_is_said_and_waited_out(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    page.route("**/api/judge", lambda route: route.fulfill(status=500, body="Internal Server Error"))
    desk.press("b", "m")
    page.keyboard.type("why")
    desk.press("Control+Enter")
    expect(page.locator(".saved")).to_have_text(
        "The server could not save this. It is kept here and will be sent again."
    )
    assert not page.get_by_label("Comment on this task").is_editable()
    page.unroute("**/api/judge")
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    assert [j.comment for j in desk.all()] == ["why"]


def test_a_page_of_somebody_else_in_place_of_an_answer_is_no_answer(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    page.route("**/api/judge", lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Sign in"))
    desk.press("b", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("The server could not save this.")
    page.get_by_role("button", name="Keep judging").click()
    desk.wait()
    assert desk.press("a").tiers() == ["B", "A"]


def test_one_can_go_on_judging_at_once_while_the_server_is_silent(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    asked: list[Route] = []

    def be_silent(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:
            route.abort()

    page.route("**/api/judge", be_silent)
    desk.press("b", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("No connection")
    while len(asked) < 2:
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Keep judging").click()
    expect(page.locator(".strip")).to_have_attribute("aria-busy", "false", timeout=2_000)
    asked[1].abort()
    page.unroute("**/api/judge")
    assert [len(tier) for tier in desk.press("a").submit().ranking] == [1, 1]


def test_who_goes_on_judging_is_heard_although_the_submission_had_arrived(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/judge", lose_the_answer, times=1)
    desk.press("b", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("No connection")
    page.get_by_role("button", name="Keep judging").click()
    desk.wait()
    assert [len(tier) for tier in desk.press("a").submit().ranking] == [1, 1]
    assert [j.revision for j in desk.all()] == [2]


def test_a_draft_that_the_server_does_not_take_is_said(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    refusal = '{"error": "You have begun 50 other tasks; judge or skip these first."}'
    page.route("**/api/draft", lambda route: route.fulfill(status=400, content_type="application/json", body=refusal))
    desk.press("b")
    expect(page.locator(".saved")).to_have_text("You have begun 50 other tasks; judge or skip these first.")
    assert desk.tiers() == ["B"]


def test_a_ticket_that_has_run_out_is_renewed_without_a_word(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    asked: list[str] = []

    def run_out(route: Route) -> None:
        asked.append(route.request.headers["x-ticket"])
        is_first = asked[-1] == asked[0]
        route.fulfill(status=403, content_type="application/json", body="{}") if is_first else route.continue_()

    page.wait_for_timeout(1_100)  # tickets of one second are the same
    page.route("**/api/judge", run_out)
    desk.press("b", "a", "Control+Enter")
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    assert [len(j.ranking) for j in desk.all()] == [2]
    assert len(set(asked)) == 2


LATE_NEWS = """async (address) => {
  const { Desk } = await import(address);
  const page = { ticket: "", flags: [], topics: [], criteria: [], scores: false, settings: {} };
  const view = (task) => ({ key: task, task, revision: 0, letters: ["A", "B"], alike: [], answers: [], prompt: [] });
  const wire = { renew: () => {}, keepDraft: () => {}, judge: async () => ({ note: "", view: view("second") }) };
  const desk = new Desk(wire);
  desk.take({ page, view: view("first") });
  await desk.sending.post({ kind: "judge" });
  desk.take({ page, view: view("first") });
  return desk.view.task;
}"""


def test_news_of_the_page_from_before_a_submission_do_not_bring_its_task_back(app: ServedApp, page: Page) -> None:
    page.goto(f"{app.url}/api/health")
    assert page.evaluate(LATE_NEWS, f"/api/board/{VERSION}/desk.js") == "second"
