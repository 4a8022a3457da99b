"""What a parent hands to its confined child in a file: any value, for nobody but the parent writes that file."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any


def hand_over(path: Path, value: Any) -> None:
    """The parent's side: leave it where the child finds it. Only the parent may write this file."""
    with path.open("wb") as file:
        pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)


def take_over(path: Path | str) -> Any:
    """The child's side. Nothing else may read such a file: what is in it would run."""
    with Path(path).open("rb") as file:
        return pickle.load(file)  # noqa: S301  # written by this child's own parent
