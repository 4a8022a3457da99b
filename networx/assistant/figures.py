"""Whether a text says nothing about a result but what the result says: every figure, every facility, every claim.

A figure counts if it is one of the result's own, of the same kind, written in full or rounded as stated here:

- money, units and miles: rounded to the last digit that is written, and by no more than half a percent. So
  $1,234,567.89 may be $1,234,568, $1.235 million or $1.23 M, never $1.2 million or $1,230,000;
- shares: rounded to the last digit that is written; 0 % is nothing at all, and 100 % is all;
- counts and years: exactly, and a count with what it counts: 6 facilities, never a bare 6.

Numbers in words, signs and numerals of other scripts, other currencies and whatever else cannot be read as a figure are
refused with it: what is not understood is not taken for right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from networx.assistant.fact import Fact, Facts, Unit

LONGEST_TEXT = 2_000
LARGEST_ROUNDING = Decimal("0.005")

_SCALES = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "b": 10**9, "bn": 10**9,
    "billion": 10**9,
}  # fmt: skip
_FIGURE = re.compile(
    r"(?<![\w.,])(?P<minus>[-\u2212])?(?P<dollar>\$)?(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<fraction>\.[0-9]+)?"
    r"(?:\s?(?P<scale>thousand|million|billion|mn|bn|[kKMB])\b)?"
    r"(?P<percent>\s?%|\s(?:percent|per\s?cent)\b(?!age))?(?P<dollars>\s(?:US\s)?dollars\b)?(?![\w$])"
)
_PER_UNIT = re.compile(r"\s*(?:(?:per|a|for each|for every)\s+unit\b|/\s?unit\b)", re.IGNORECASE)
_NOUNS = {
    Unit.UNITS: r"units?",
    Unit.MILES: r"miles?",
    Unit.FACILITIES: r"facilit(?:y|ies)|sites?|warehouses?|locations?|hubs?|centers?|centres?|candidates?",
    Unit.YEARS: r"years?",
    Unit.BOTTLENECKS: r"bottlenecks?",
    Unit.SQUARE_FEET: r"square\s(?:feet|foot)|sq\.?\sft",
    Unit.PALLETS: r"pallets?",
    Unit.DOORS: r"doors?",
    Unit.BUILDINGS: r"buildings?",
    Unit.PLACES: r"places?|sites?|locations?|candidates?",
}
_NOUN = {unit: re.compile(rf"[\s-](?:[a-z]+\s)?(?:{words})\b", re.IGNORECASE) for unit, words in _NOUNS.items()}
_OF_A_YEAR = re.compile(
    r"\b(?:in|by|from|to|until|through|of|year|since|for|during|and|or)\s$|[-\u2013]$", re.IGNORECASE
)
_EXACT = (Unit.FACILITIES, Unit.YEARS, Unit.YEAR, Unit.BOTTLENECKS, Unit.DOORS, Unit.BUILDINGS, Unit.PLACES)

_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_IN_WORDS = re.compile(
    rf"\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|{_TENS}"
    r"|hundreds?|thousands?|millions?|billions?|trillions?|dozens?|half|halves|halved|twice|thrice|doubled?|doubles"
    r"|tripled?|triples|quarters?|thirds|fifths?|tenths?|couple|(?:two|three|four|five|ten)fold)\b"
    r"|\b(?:a|one)[\s-]third\b|\bone\s(?:[a-z]+\s)?(?:facility|site|warehouse|location|hub|year|unit|mile|percent)\b",
    re.IGNORECASE,
)
# What a plan is compared with is not in its result, so that it saves nothing that we know of.
_SAVINGS = re.compile(r"\bsav(?:e|es|ed|ing|ings)\b", re.IGNORECASE)
_PROOF = re.compile(r"(?<!not )\b(?:optimal|optimum|proven|guaranteed|(?:cheapest|best) possible)\b", re.IGNORECASE)
_CAPITALISED = frozenset({"A", "I", "US", "USD"})
_MARKUP = re.compile(r"[<>{}\[\]|\\*_`~@=^#]|/(?!\s?unit\b)")
_FACILITY = re.compile(r"\[(F[0-9]+)\]")
_WORD = re.compile(r"(?<!\w)[^\W\d_]\w*")
_SENTENCE_ENDS = re.compile(r"(?:^|[.!?:]['\")\u201d]?\s+|\n\s*)$")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as a text writes it, and what of the result it is: every fact that it may be."""

    text: str
    facts: tuple[str, ...]


def check(text: str, facts: Facts) -> tuple[list[Figure], list[str]]:
    """The figures of a text, and what is wrong with it: nothing, or sentences that the writer can mend it by.

    The text calls facilities as the facts do.
    """
    # Facilities are no figures, whatever stands in their brackets.
    plain = _FACILITY.sub("[f]", text)
    found: list[Figure] = []
    problems: list[str] = []
    for match in _FIGURE.finditer(plain):
        shown = match.group().strip()
        meant = [fact.label for fact in _candidates(match, plain, facts.figures) if _is(match, fact)]
        if meant:
            found.append(Figure(shown, tuple(meant)))
        else:
            problems.append(f"{shown} is no figure of the result, or not one of what it is said to be")
    words = _FIGURE.sub("#", plain)
    problems += [f"{letter} stands in no figure that can be read" for letter in words if _is_figure_like(letter)]
    problems += [f"{match.group()!r} is a number in words; write digits" for match in _IN_WORDS.finditer(words)]
    problems += _wrong(text, words, facts)
    return found, list(dict.fromkeys(problems))


def named(text: str, facts: Facts) -> str:
    """The text with the facilities' own names."""
    return _FACILITY.sub(lambda match: facts.names[match[1]], text)


def _wrong(text: str, words: str, facts: Facts) -> Iterator[str]:
    """What is wrong beside the figures; `words` is the text without them."""
    if len(text) > LONGEST_TEXT:
        yield f"it is longer than {LONGEST_TEXT:,} characters"
    if any(not letter.isprintable() and letter != "\n" for letter in text):
        yield "it holds characters that do not print"
    for match in _MARKUP.finditer(_FACILITY.sub("", text)):
        yield f"{match.group()} is no plain writing"
    for match in _FACILITY.finditer(text):
        if match[1] not in facts.names:
            yield f"[{match[1]}] is no facility of the result"
    for match in _WORD.finditer(words):
        word = match.group()
        if word[0].isupper() and word not in _CAPITALISED and _SENTENCE_ENDS.search(words[: match.start()]) is None:
            yield f"{word[:40]} is a name that the facts do not have"
    for match in _SAVINGS.finditer(words):
        yield f"{match.group()!r} compares with something that is not in the result"
    if facts.status != "optimal":
        for match in _PROOF.finditer(words):
            yield f"{match.group()!r} claims what is not proven"


def _candidates(match: re.Match[str], text: str, figures: Sequence[Fact]) -> list[Fact]:
    """The facts that a figure may be, by how it is marked and by the noun that follows it."""
    after = text[match.end() :]
    if match["percent"]:
        units: tuple[Unit, ...] = (Unit.SHARE,) if not (match["dollar"] or match["scale"] or match["dollars"]) else ()
    elif match["dollar"] or match["dollars"]:
        units = (Unit.DOLLARS_PER_UNIT,) if _PER_UNIT.match(after) else (Unit.DOLLARS,)
    else:
        nouns = tuple(unit for unit, noun in _NOUN.items() if noun.match(after))
        of_a_year = (Unit.YEAR,) if nouns and _OF_A_YEAR.search(text[: match.start()]) else ()
        # A bare number may be a year; a count says what it counts.
        units = (*nouns, *of_a_year) or (Unit.YEAR,)
    return [fact for fact in figures if fact.unit in units]


def _is(match: re.Match[str], fact: Fact) -> bool:
    """Whether a figure is this fact's, within the rounding of its kind."""
    digits = match["digits"].replace(",", "")
    decimals = len(match["fraction"] or ".") - 1
    scale = _SCALES[match["scale"].lower()] if match["scale"] else 1
    stated = Decimal(f"{'-' if match['minus'] else ''}{digits}{match['fraction'] or ''}")
    if fact.unit is Unit.YEAR and (match["scale"] or "," in match["digits"]):
        return False
    exact = Decimal(repr(fact.value)) * (100 if fact.unit is Unit.SHARE else 1)
    if stated * scale == exact:
        return True
    if fact.unit in _EXACT or stated == 0 or (fact.unit is Unit.SHARE and stated == 100):
        return False
    rounded = (exact / scale).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if rounded != stated:
        return False
    return fact.unit is Unit.SHARE or abs(stated * scale - exact) <= LARGEST_ROUNDING * abs(exact)


def _is_figure_like(letter: str) -> bool:
    """A digit of any script, or a sign of a currency."""
    return unicodedata.numeric(letter, None) is not None or unicodedata.category(letter) == "Sc"
