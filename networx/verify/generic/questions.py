"""Whether the questions that a result answers are those of the model: each goal by itself, then the point between.

What is claimed of a question is checked against that question, so that it has to be the client's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from networx.domain.arrays import Floats
from networx.domain.json_model import JsonModel
from networx.domain.model_answer import Question
from networx.domain.plan import Check
from networx.verify.measure import check, counted

_SAME = 1e-6  # two answers as near as this are one
_PIN = 1e-9  # of the larger of 1 and the mean


def question_checks(
    model: JsonModel | None, questions: Sequence[Question], answers: Sequence[Floats | None]
) -> list[Check]:
    """`model` is None for one from a file; `answers` are the values found for each question, None where none were."""
    if model is None:
        return [counted("the question is the model's", int(list(questions) != [Question()]), "it is another")]
    goals = len(model.objectives)
    wrong = sum(
        question != Question(objective) for question, objective in zip(questions, model.objectives, strict=False)
    )
    lacking = max(goals - len(questions), 0) + max(len(questions) - goals - int(model.several), 0)
    checks = [counted("the question is the model's", wrong + lacking, "another goal, or another number of them")]
    if checks[0].passed and len(questions) > goals:
        checks.append(_between(model, questions[goals], answers[:goals]))
    return checks


def _between(model: JsonModel, question: Question, answers: Sequence[Floats | None]) -> Check:
    """Every goal at its mean over the different answers, and nothing else to be made large or small."""
    name = "the point between has each goal at its mean"
    found = [answer for answer in answers if answer is not None]
    named = [objective.attribute or "" for objective in model.objectives]
    aimless = question.objective is not None and question.objective.attribute is None
    if not aimless or len(found) < len(answers) or [pin for pin, _ in question.pins] != named:
        return counted(name, 1, "it is another question")
    different: list[Floats] = []
    for answer in found:
        if not any(np.allclose(answer, other, rtol=_SAME, atol=_SAME) for other in different):
            different.append(answer)
    off = 0.0
    for attribute, value in question.pins:
        worth = np.array([variable.get(attribute, 0.0) for variable in model.variables.values()])
        mean = float(np.mean([worth @ answer for answer in different]))
        off = max(off, abs(value - mean) / max(1.0, abs(mean)))
    return check(name, off, _PIN, "a goal has another value")
