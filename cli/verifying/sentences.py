"""Whether two sentences say the same: the same figures, names, rules, denials and claims, however they are put."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# Earlier versions called the one year of a plan that states none by the number it has inside.
_UNNAMED_YEAR = re.compile(r" (?:in|of) 1(?=[,.:]| (?:is|has|from|and|must)\b)")
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
# Parameters, columns and sheets stand in sentences as they are written in the workbook.
_RULES = re.compile(r"\b(?:[a-z]+(?:_[a-z]+)+|(?:[A-Z][a-z]+){2,})\b")
_DENIALS = re.compile(r"\b(?:no|not|none|nobody|nothing|never|cannot|without)\b", re.IGNORECASE)
_CLAIMS = re.compile(
    r"\b(?:optimal|feasible|infeasible|proven|cheapest|calibrated|uncalibrated|mandatory|forbidden|stopped)\b",
    re.IGNORECASE,
)
# Where one takes the other's place, a sentence says the contrary; either alone may be a matter of wording.
_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        ("opens?|opened|opening", "closes?|closed|closing"),
        ("more|most", "less|fewer|least|fewest"),
        ("above|higher|highest", "below|lower|lowest"),
        ("dearer|costs?", "cheaper|saves?|saved|savings?"),
        ("adds?|added", "removes?|removed"),
        ("within", "beyond"),
        ("first|before", "last|after"),
    )
)


def say_the_same(one: str, other: str, names: Iterable[str]) -> bool:
    """`names` are those of the dataset: whom a sentence speaks of is no matter of wording."""
    one, other = (_UNNAMED_YEAR.sub("", sentence) for sentence in (one, other))
    if one == other:
        return True
    if _FIGURES.findall(one) != _FIGURES.findall(other):
        return False
    if Counter(_RULES.findall(one)) != Counter(_RULES.findall(other)):
        return False
    if any(_count(words, one) != _count(words, other) for words in (_DENIALS, _CLAIMS)):
        return False
    if any(_exchanged(pair, one, other) for pair in _OPPOSITES):
        return False
    return all(_named(name, one) == _named(name, other) for name in names if name in one or name in other)


def _exchanged(pair: tuple[re.Pattern[str], re.Pattern[str]], one: str, other: str) -> bool:
    first, second = (len(words.findall(one)) - len(words.findall(other)) for words in pair)
    return first * second < 0


def _count(words: re.Pattern[str], sentence: str) -> Counter[str]:
    return Counter(word.lower() for word in words.findall(sentence))


def _named(name: str, sentence: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", sentence))
