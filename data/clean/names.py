"""An optional extra: names of people, found by Presidio with the spaCy model that somebody names.

It needs the packages of requirements-presidio.txt and the model itself. Without a model's name nothing of this is
loaded. A model's name begins with its language, as spaCy has it: en_core_web_sm, ru_core_news_sm, zh_core_web_sm.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from data.clean.marks import Mark
from data.errors import InputError, Sentence

NAME = "[name]"
LEAST = 0.6
"""Presidio's score from which a name counts."""
_LONGEST = 100_000


def names(text: str, model: str) -> Iterator[Mark]:
    """Names of people; InputError when Presidio or the model is missing."""
    found = _analyzer(model).analyze(text[:_LONGEST], language=model[:2], entities=["PERSON"], score_threshold=LEAST)
    for one in found:
        yield Mark(one.start, one.end, "The name of a person", NAME)


@lru_cache(maxsize=2)
def _analyzer(model: str) -> Any:
    try:
        from presidio_analyzer import AnalyzerEngine  # type: ignore[import-not-found, unused-ignore]
        from presidio_analyzer.nlp_engine import (  # type: ignore[import-not-found, unused-ignore]
            NlpEngineProvider,
        )
    except ImportError:
        raise InputError(
            "Names by “{model}” need Presidio; install it with “pip install -r requirements-presidio.txt”, or search "
            "without names.",
            model=model,
        ) from None
    if not re.fullmatch(r"[a-z]{2}_\w{1,60}", model) or find_spec(model) is None:  # Presidio would download it
        lacks = Sentence("The model “{model}” is not installed; install it with “python -m spacy download {model}”.")
        raise InputError(lacks, model=model)
    language = {"lang_code": model[:2], "model_name": model}
    asked = {"nlp_engine_name": "spacy", "models": [language]}
    engine = NlpEngineProvider(nlp_configuration=asked).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=[model[:2]])
