"""The guideline in sections, and the one that matters for the task at hand."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt

from app.alike import CJK

READ = 4_000
"""Characters of a prompt that are looked at."""
MARGIN = 1.25
"""How many times better than the next a section must be for the words of the prompt alone."""
LEAST = 2.0
"""Least weight of shared words: about two words that stand in one section of a handful and nowhere else."""

_MARKDOWN = MarkdownIt("commonmark")
_RUN = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "about above after again also another answer answers any are because been before being below between both "
        "but can could did does doing down during each few for from had has have her here him his how into its "
        "just like make many may more most much must not now off once one only other our out over please same say "
        "she should some such than that the their them then there these they this those too under until use very "
        "was were what when where which while who why will with would write you your без более был была были было "
        "быть вам вас весь вот все всего всех вы где для его если есть еще ещё или как какая какие какой когда "
        "которая которые который кто либо меня мне может можно мой над надо нас наш нет ней них она они оно ответ "
        "ответа очень под после потому почему при про раз свой себя так такой там тебя тем того тоже только тот "
        "уже чего чем через что чтобы эта эти это этого этот ",
    )
)


class Section(NamedTuple):
    """A part of the guideline: its heading as plain text, and the Markdown below the heading."""

    title: str
    source: str


def sections(text: str) -> list[Section]:
    """The parts of a guideline in order, split at the shallowest level of headings used more than once.

    Headings above that level begin a part too; where no level is used twice, every heading does. What stands before the
    first of them is a part with an empty title. There are no empty parts without a title.
    """
    return list(_sections(text))


def relevant(sections: Sequence[Section], prompt_text: str, names: Sequence[str] = ()) -> int | None:
    """The index of the section that matters most for a task; None when none stands out.

    `names` are labels in hand, such as those of the flags being set: a section that has their words comes first, and
    the words that it shares with the prompt only decide between such sections. A word weighs by its rarity over the
    sections, twice in a title; it is compared by its first five letters, so that its endings do not matter.
    """
    index = _Index.of(tuple(sections))
    by_name = index.weights(_terms(" ".join(names)))
    by_prompt = index.weights(_terms(prompt_text[:READ]))
    if max(by_name, default=0) > 0:
        return max(range(len(sections)), key=lambda n: (round(by_name[n], 6), by_prompt[n], -n))
    first, second = ([*sorted(by_prompt, reverse=True), 0, 0])[:2]
    return by_prompt.index(first) if first >= max(LEAST, MARGIN * second) else None


@lru_cache(maxsize=64)
def _sections(text: str) -> tuple[Section, ...]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [(0, 0, ""), *_headings(lines)]
    ends = [start for start, _, _ in starts[1:]] + [len(lines)]
    parts = [
        Section(title, "\n".join(lines[body:end]).strip("\n"))
        for (_, body, title), end in zip(starts, ends, strict=True)
    ]
    return tuple(part for part in parts if part.title or part.source.strip())


def _headings(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """First line, line behind, and title of each heading that begins a section."""
    tokens = _MARKDOWN.parse("\n".join(lines))
    found = [
        (int(token.tag[1]), token.map[0], token.map[1], _plain(tokens[n + 1].content))
        for n, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]
    uses = Counter(level for level, *_ in found)
    deepest = min((level for level, count in uses.items() if count > 1), default=6)
    return [(start, end, title) for level, start, end, title in found if level <= deepest]


def _plain(markdown: str) -> str:
    """The text of a heading without its marks."""
    tokens = _MARKDOWN.parseInline(markdown)[0].children or []
    return " ".join("".join(" " if token.type == "softbreak" else token.content for token in tokens).split())


class _Index(NamedTuple):
    """What each section says: the weight of each of its words."""

    words: tuple[dict[str, float], ...]

    @staticmethod
    @lru_cache(maxsize=64)
    def of(sections: tuple[Section, ...]) -> "_Index":
        titles = [_terms(section.title) for section in sections]
        bodies = [_terms(section.source) for section in sections]
        uses = Counter(term for title, body in zip(titles, bodies, strict=True) for term in title | body)
        rarity = {term: math.log(len(sections) / count) for term, count in uses.items()}
        return _Index(
            tuple(
                {term: rarity[term] * (1 + (term in title)) for term in title | body}
                for title, body in zip(titles, bodies, strict=True)
            )
        )

    def weights(self, terms: frozenset[str]) -> list[float]:
        return [sum(words.get(term, 0.0) for term in terms) for words in self.words]


def _terms(text: str) -> frozenset[str]:
    return frozenset(term for run in _RUN.findall(text.casefold()) for term in _terms_of(run))


def _terms_of(run: str) -> Iterator[str]:
    """Pairs of neighbours in Chinese or Japanese; elsewhere the beginning of the word, if it is no common one."""
    if re.match(f"[{CJK}]", run):
        yield from (run[n : n + 2] for n in range(max(1, len(run) - 1)))
    elif len(run) > 2 and run not in _COMMON:
        yield run[:5]
