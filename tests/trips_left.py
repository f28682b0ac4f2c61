"""What each export format leaves of a project, written from what the format says that it loses and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from data.schemas import MAX_RESPONSES, Judgement, Ranking, Response, Task

Made = tuple[list[Task], list[Judgement]]
Prompt = tuple[tuple[str, str], ...]
Answer = tuple[str, str | None]
"""The text of a response and who wrote it."""
About = tuple[Prompt, frozenset[Answer]]
Order = tuple[frozenset[Answer], ...]
NOBODY = "imported"


class Said(NamedTuple):
    """What one person said of some answers."""

    ranking: Order = ()
    margin: float | None = None
    none_acceptable: bool = False
    unrankable: bool = False
    comment: str = ""
    criteria: frozenset[tuple[str, Order]] = frozenset()


class Left(NamedTuple):
    """What is left: the tasks, and what each person said of each."""

    tasks: frozenset[About]
    said: Mapping[tuple[About, str], Said]


class Form(NamedTuple):
    """How a file is written: prompts and answers as text, and in cells that no spreadsheet runs."""

    as_text: bool = False
    is_table: bool = False

    def cell(self, text: str) -> str:
        """A table has an apostrophe before what would be a formula, whatever apostrophes begin it already."""
        return f"'{text}" if self.is_table and text.lstrip("'")[:1] in set("=+-@\t\r") else text

    def prompt(self, task: Task, tasks: Sequence[Task]) -> Prompt:
        """Messages; as text one message, a transcript where any prompt of the file is more than a user's message."""
        if not self.as_text:
            return spoken(task)
        talks = any([m.role for m in one.prompt] != ["user"] for one in tasks)
        return (("user", self.cell(as_one(task) if talks else task.prompt[0].content)),)


Row = list[tuple[About, str, Said]]


def spoken(task: Task) -> Prompt:
    return tuple((m.role, m.content) for m in task.prompt)


def as_one(task: Task) -> str:
    names = {"system": "System", "user": "Human", "assistant": "Assistant"}
    return "".join(f"\n\n{names[m.role]}: {m.content}" for m in task.prompt) + "\n\nAssistant: "


def first_said(rows: Iterable[Row]) -> Left:
    """The file without rows that say something else of the same answers, in the same name, than an earlier one."""
    seen: dict[tuple[About, str], Said] = {}
    kept: dict[tuple[About, str], Said] = {}
    for row in rows:
        plain = [((about, who), said._replace(comment="")) for about, who, said in row]
        if all(seen.setdefault(key, said) == said for key, said in plain):
            for about, who, said in row:
                kept.setdefault((about, who), said)
    return Left(frozenset(about for about, _ in kept), kept)


def by_place(places: Iterable[tuple[Answer, Fraction | int]]) -> Order:
    """Tiers by place, the smallest first; what comes twice stands at the better of its places."""
    best: dict[Answer, Fraction | int] = {}
    for answer, place in places:
        best[answer] = min(place, best.get(answer, place))
    return tuple(frozenset(a for a, at in best.items() if at == place) for place in sorted(set(best.values())))


def pairs(made: Made) -> Iterator[tuple[Task, str, str, float | None]]:
    """Task, better and worse text, and margin, of every preference and every edit."""
    tasks = {task.id: task for task in made[0]}
    for j in made[1]:
        task = tasks[j.task_id]
        for better, worse in ranked_pairs(j.ranking):
            margin = j.margin if len(task.responses) == 2 else None
            yield task, task.response(better).text, task.response(worse).text, margin
        for edit in j.edits:
            yield task, edit.text, task.response(edit.response_id).text, None


def ranked_pairs(ranking: Ranking) -> Iterator[tuple[str, str]]:
    """Ids of a better and a worse response."""
    placed = [(n, i) for n, tier in enumerate(ranking) for i in tier]
    return ((a, b) for (above, a), (below, b) in combinations(placed, 2) if above < below)


def judged_tasks(made: Made) -> list[Task]:
    named = {j.task_id for j in made[1]}
    return [task for task in made[0] if task.id in named]


def left_of_pairs(made: Made, form: Form, margins: bool = True) -> Left:
    """Prompts, two texts, which is better; by how much, where that is known of all. Who said it is not."""
    found = list(pairs(made))
    margins = margins and all(margin is not None for *_, margin in found)
    rows: list[Row] = []
    for task, better, worse, margin in found:
        if better != worse:
            a, b = (form.cell(better), None), (form.cell(worse), None)
            about = form.prompt(task, judged_tasks(made)), frozenset((a, b))
            rows.append([(about, NOBODY, Said((frozenset((a,)), frozenset((b,))), margin if margins else None))])
    return first_said(rows)


def left_of_openai(made: Made, form: Form) -> Left:
    return left_of_pairs(made, form, margins=False)


def labels(made: Made) -> Mapping[tuple[str, Prompt, str], bool]:
    """Split group, prompt and text → chosen more often than rejected; nothing where it is as often."""
    votes: defaultdict[tuple[str, Prompt, str], Counter[str]] = defaultdict(Counter)
    tasks = {task.id: task for task in made[0]}
    for j in made[1]:
        task, none_good = tasks[j.task_id], j.none_acceptable or j.unrankable

        def of(text: str, task: Task = task) -> Counter[str]:
            return votes[task.group, spoken(task), text]

        for response in task.responses:
            of(response.text)["worse"] += none_good
        for better, worse, is_edit in [
            *((task.response(a).text, task.response(b).text, False) for a, b in ranked_pairs(j.ranking)),
            *((edit.text, task.response(edit.response_id).text, True) for edit in j.edits),
        ]:
            of(better)["better"] += is_edit or not none_good
            of(worse)["worse"] += not none_good
    return {key: n["better"] > n["worse"] for key, n in votes.items() if n["better"] != n["worse"]}


def left_of_labels(made: Made, form: Form) -> Left:
    """For each prompt its good answers above its bad ones; nothing where it has only one."""
    prompts = {spoken(task): form.prompt(task, judged_tasks(made)) for task in made[0]}
    found: defaultdict[Prompt, dict[Answer, bool]] = defaultdict(dict)
    for (_, prompt, text), is_good in labels(made).items():
        found[prompts[prompt]].setdefault((form.cell(text), None), is_good)
    rows: list[Row] = []
    for prompt, answers in found.items():
        answers = dict(list(answers.items())[:MAX_RESPONSES])
        good = frozenset(a for a, is_good in answers.items() if is_good)
        bad = frozenset(answers) - good
        said = Said(tuple(tier for tier in (good, bad) if tier)) if good else Said(none_acceptable=True)
        rows += [[((prompt, frozenset(answers)), NOBODY, said)]] if len(answers) > 1 else []
    return first_said(rows)


def left_of_written(made: Made, form: Form) -> Left:
    """Prompts with the answers that people wrote or corrected, where there are two; nothing that was said of them."""
    tasks, found = {task.id: task for task in made[0]}, defaultdict[Prompt, dict[Answer, None]](dict)
    for j in made[1]:
        texts = [j.reference] * bool(j.reference) + [edit.text for edit in j.edits]
        prompt = form.prompt(tasks[j.task_id], judged_tasks(made))
        found[prompt] |= {(form.cell(text), None): None for text in texts}
    several = {prompt: list(texts)[:MAX_RESPONSES] for prompt, texts in found.items() if len(texts) > 1}
    return Left(frozenset((prompt, frozenset(texts)) for prompt, texts in several.items()), {})


def left_of_nemo(made: Made, _form: Form) -> Left:
    """Each ranking of two or more texts, with who made it."""
    tasks, rows = {task.id: task for task in made[0]}, list[Row]()
    for j in made[1]:
        task = tasks[j.task_id]
        order = by_place(((task.response(i).text, None), n) for n, tier in enumerate(j.ranking) for i in tier)
        answers = frozenset[Answer]().union(*order)
        rows += [[((spoken(task), answers), j.annotator, Said(order))]] if len(answers) > 1 else []
    return first_said(rows)


def shares(rankings: Iterable[Ranking]) -> Mapping[str, Fraction]:
    """Response id → the mean share of the others that it is preferred to, a tie being half, among rankings of two."""
    found: defaultdict[str, list[Fraction]] = defaultdict(list)
    for ranking in rankings:
        tier_of = {i: n for n, tier in enumerate(ranking) for i in tier}
        for i, at in tier_of.items() if len(tier_of) > 1 else ():
            won = sum(2 * (at < other) + (at == other) for other in tier_of.values()) - 1
            found[i].append(Fraction(won, 2 * (len(tier_of) - 1)))
    return {i: sum(all_of, Fraction(0)) / len(all_of) for i, all_of in found.items()}


def left_of_ultra(made: Made, _form: Form) -> Left:
    """Each task that people ranked, its ranked answers with sources, in the order of their means, by criteria too."""
    rows: list[Row] = []
    for task in made[0]:
        judged = [j for j in made[1] if j.task_id == task.id]
        means = shares(j.ranking for j in judged)
        order = by_place((_answer(task.response(i)), -mean) for i, mean in means.items())
        criteria = set[tuple[str, Order]]()
        for name in {name for j in judged for name in j.criteria}:
            by = {i: mean for i, mean in shares(j.criteria.get(name, ()) for j in judged).items() if i in means}
            criteria |= (
                {(name, by_place((_answer(task.response(i)), -m) for i, m in by.items()))} if len(by) > 1 else set()
            )
        prompt = spoken(task) if len(task.prompt) == 1 else (("user", as_one(task)),)
        about = prompt, frozenset(_answer(task.response(i)) for i in means)
        rows += [[(about, NOBODY, Said(order, criteria=frozenset(criteria)))]] if means else []
    return first_said(rows)


def _answer(response: Response) -> Answer:
    """A response with its source, without white space around that."""
    return response.text, response.source.strip() if response.source else None


def left_of_helpsteer(made: Made, _form: Form) -> Left:
    """Every two different texts of a task, and for each person which is better, how much in three steps, and why."""
    rows: list[Row] = []
    for task in (task for task in made[0]):
        for a, b in combinations(task.responses, 2):
            about: About = spoken(task), frozenset([(a.text, None), (b.text, None)])
            votes = [(j, _by_tier(j, (a.id, (a.text, None)), (b.id, (b.text, None)))) for j in made[1]]
            said = [(about, j.annotator, _strong(j, order)) for j, order in votes if j.task_id == task.id and order]
            rows += [said] if said and a.text != b.text else []
    return first_said(rows)


def _by_tier(j: Judgement, *two: tuple[str, Answer]) -> Order:
    """The order of two answers; nothing where one of them is not ranked."""
    tier_of = {i: n for n, tier in enumerate(j.ranking) for i in tier}
    return by_place((answer, tier_of[i]) for i, answer in two) if all(i in tier_of for i, _ in two) else ()


def _strong(j: Judgement, order: Order) -> Said:
    """A strength that nobody asked for is 2; the weakest is 1."""
    strength = 2.0 if j.margin is None else {0.0: 1.0, 1 / 3: 1.0, 2 / 3: 2.0, 1.0: 3.0}[j.margin]
    return Said(order, strength if len(order) == 2 else None, comment=j.comment)


def left_of_arena(made: Made, _form: Form) -> Left:
    """For each person every two answers that they ranked, or found both bad; a response without source has its id."""
    tasks, rows = {task.id: task for task in made[0]}, list[Row]()
    for j in made[1]:
        for a, b in combinations(
            [tasks[j.task_id].response(i) for i in j.shown_order] or tasks[j.task_id].responses, 2
        ):
            two = [(one.id, (one.text, _answer(one)[1] or one.id)) for one in (a, b)]
            bad, order = j.none_acceptable and not j.ranking, _by_tier(j, *two)
            about = spoken(tasks[j.task_id]), frozenset(answer for _, answer in two)
            rows += [[(about, j.annotator, Said(order, none_acceptable=bad))]] if bad or order else []
    return first_said(rows)


def left_of_oasst(made: Made, _form: Form) -> Left:
    """Tasks without a message of the system, and for each person their ranking, or that there can be none."""
    tasks = {task.id: task for task in judged_tasks(made) if all(m.role != "system" for m in task.prompt)}
    about = {name: (spoken(task), frozenset(map(_answer, task.responses))) for name, task in tasks.items()}
    said = dict[tuple[About, str], Said]()
    for j in (j for j in made[1] if j.task_id in tasks):
        task = tasks[j.task_id]
        order = tuple(frozenset(_answer(task.response(i)) for i in tier) for tier in j.ranking)
        if j.unrankable or sum(map(len, order)) > 1:
            said[about[task.id], j.annotator] = Said(order, unrankable=j.unrankable)
    return Left(frozenset(about.values()), said)


LEFT: Mapping[str, tuple[str, str, Callable[[Made, Form], Left]]] = {
    "trl-explicit": ("preferences", NOBODY, left_of_pairs),
    "trl-implicit": ("preferences", NOBODY, left_of_pairs),
    "trl-unpaired": ("unpaired", NOBODY, left_of_labels),
    "sft": ("responses", NOBODY, left_of_written),
    "openai": ("openai", NOBODY, left_of_openai),
    "nemo": ("nemo", NOBODY, left_of_nemo),
    "ultrafeedback": ("ultrafeedback", NOBODY, left_of_ultra),
    "helpsteer": ("helpsteer-pairs", "helpsteer", left_of_helpsteer),
    "arena": ("votes", NOBODY, left_of_arena),
    "oasst": ("oasst", "oasst", left_of_oasst),
}
"""Export format → the format that its files are recognised as, where its people are said to be from, what is left."""
