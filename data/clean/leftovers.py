"""What a model or its template left in an answer, or did not come to: other turns, marks of turns, a missing end."""

import re
from collections.abc import Iterator

from data.clean.marks import Mark
from data.clean.prose import is_open, prose

TOKEN = "A mark of a chat template is left over"  # noqa: S105 - not a password
TURN = "Another turn of a conversation stands inside the answer"
NAME = "The answer begins with the name of who speaks"
AS_AI = "The answer speaks of itself as a language model"
BLANK = "A place of a template was not filled in"
NOTHING = "There is no text here"
CODE_OPEN = "A block of code is not ended"
CUT = "It seems to end in the middle of a sentence"

_TOKENS = re.compile(
    r"<\|im_start\|>(?:system|user|assistant|tool)\b[ \n]?|<\|start_header_id\|>\w{1,20}<\|end_header_id\|>\n{0,2}"
    r"|<\|[A-Za-z][\w ]{0,40}\|>|<｜[\w▁]{1,40}｜>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>"
    r"|<(?:eos|bos|pad|unk)>|</?s>"
)
_ROLES = "human|user|assistant|ai|bot|chatbot|gpt|chatgpt|пользователь|ассистент|человек|用户|助手|人类|人類|助理|系统"
_NAMED = re.compile(rf"\A\s*(?:\*\*)?(?:###\s*)?(?:{_ROLES})\s*[:：](?:\*\*)?\s*", re.IGNORECASE)
_TURN = re.compile(rf"^(?:\*\*)?(?:{_ROLES})\s?[:：]", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"^#{2,3}\s?(?:instruction|response|input|human|assistant|user)s?\s?:?\s*$", re.I | re.M)
_PHRASE = re.compile(
    r"\bas an? (?:ai|artificial intelligence|large language model|language model)\b(?: (?:language )?model| assistant)?"
    r"|\bi(?: am|['’]m) (?:just |only )?an? (?:ai|artificial intelligence|large language model)\b"
    r"(?! (?:engineer|researcher|student))"
    r"|\b(?:как|будучи) (?:ии\b|языков\w{2,3} модел\w{1,3}|искусственн\w{2,3} интеллект\w{0,3}|нейросет\w{1,3})"
    r"|\bя(?: —| –| -)? ?(?:всего лишь |просто )?(?:языковая модель|искусственный интеллект)"
    r"|作[为為](?:一[个個款名])?(?:大型)?(?:人工智[能慧]|AI|[语語]言模型|大模型)(?:[语語]言模型|助手|模型)?"
    r"|我(?:只)?是一[个個款名](?:大型)?(?:人工智[能慧]|AI|[语語]言模型)",
    re.IGNORECASE,
)
_UNFILLED = re.compile(
    r"\{\{ ?[A-Za-z_]\w{0,40} ?\}\}|\{(?:prompt|question|input|instruction|response|answer|user_input|context)\}"
)
_SEEN = re.compile(r"[^\s\u200b-\u200f\u2060\ufeff]")
_SAID = re.compile(r"[^\W_]")
_ITEM = re.compile(r"\s*(?:[-*+•·>#|]|\d{1,3}[.)、:]|[A-Za-zА-я][.)]\s|[（(]\d)")
_BOUND = re.compile(
    r"(?:[,，、(\[（«“–—]|\b(?:the|an?|of|to|and|or|with|in|for|is|are|was|that|which|by|from|as|at|on|but|because|и|в|на|с|к|"
    r"по|для|что|но|или|от|из|как|при|который|которая|которые|это|не)|[和与與或及把被])\Z",
    re.IGNORECASE,
)
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_STOP = re.compile(r"[.!?](?=\s)|[。！？]")
_SHORTEST, _STOPS = 60, 2
"""Letters of a last line that would be a sentence (a Chinese one counts as three), and sentences that end before it."""


def template(text: str) -> Iterator[Mark]:
    """Marks and names of turns that belong to the template of a conversation, not to the answer."""
    shown = prose(text)
    for found in _TOKENS.finditer(shown):
        at_an_end = not shown[found.end() :].strip() or not shown[: found.start()].strip()
        yield Mark(found.start(), found.end(), TOKEN, "" if at_an_end else None)
    if (named := _NAMED.match(shown)) and shown[named.end() :].strip():
        yield Mark(named.start(), named.end(), NAME, "")
    yield from _turns(shown, named.end() if named else 0)
    for found in _UNFILLED.finditer(shown):
        yield Mark(found.start(), found.end(), BLANK)


def _turns(text: str, start: int) -> Iterator[Mark]:
    """Further turns; headings of a training template take all that follows them with them."""
    heading = _HEADING.search(text, start)
    if heading and text[:start].strip() + text[start : heading.start()].strip():
        yield Mark(heading.start(), len(text), TURN, "")
    for found in _TURN.finditer(text, start, heading.start() if heading else len(text)):
        if text[: found.start()].strip():
            yield Mark(found.start(), found.end(), TURN)


def as_ai(text: str) -> Iterator[Mark]:
    """Phrases in which an answer speaks of itself as a language model."""
    for found in _PHRASE.finditer(prose(text)):
        yield Mark(found.start(), found.end(), AS_AI)


def empty(text: str) -> Iterator[Mark]:
    """The whole text, where it says nothing: white space and marks of templates."""
    if not _SEEN.search(_TOKENS.sub("", text)):
        yield Mark(0, len(text), NOTHING)


def truncated(text: str) -> Iterator[Mark]:
    """The end of an answer that was cut off: an open block of code, or a sentence that does not end."""
    if is_open(text):
        yield Mark(text.rfind("\n", 0, len(text)) + 1, len(text), CODE_OPEN)
        return
    if prose(text).rstrip() != text.rstrip() and prose(text)[: len(text.rstrip())][-1:] == " ":
        return  # ends in an address or in code
    line = _TOKENS.sub("", text[-400:]).rstrip().rpartition("\n")[2]
    bare = line.rstrip(" \t*_~")
    if bare and not _is_ended(bare) and _is_sentence(bare, text):
        start = text.rstrip().rfind("\n") + 1
        yield Mark(max(start, len(text) - 400), len(text), CUT)


def _is_ended(line: str) -> bool:
    last = line[-1]
    return last == "`" or not (last.isalnum() or _BOUND.search(line))


def _is_sentence(line: str, text: str) -> bool:
    """Whether the last line would be a sentence: it breaks off at a word that calls for more, or is long prose."""
    size = len(line) + 2 * len(_DENSE.findall(line))
    if _BOUND.search(line):
        return size >= 20 and bool(_SAID.search(line))
    if size < _SHORTEST or len(_STOP.findall(text, 0, 20_000)) < _STOPS:
        return False
    return _long_lines_end(text, at_least=2 if _ITEM.match(line) else 0)


def _long_lines_end(text: str, at_least: int) -> bool:
    """Whether most of the other long lines end as sentences do, and so many; those of a poem or a list do not."""
    lines = [line.rstrip(" \t*_~") for line in text[-20_000:].rstrip().split("\n")[:-1]]
    long = [line for line in lines if len(line) + 2 * len(_DENSE.findall(line)) >= _SHORTEST]
    ended = sum(not line[-1].isalnum() for line in long)
    return ended >= max(at_least, len(long) / 2)
