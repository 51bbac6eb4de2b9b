"""What an exercise's check returns: a verdict that reads well under a cell, never a crash."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps


@dataclass(frozen=True)
class Check:
    """The verdict on a reader's answer: whether it passed, and what to say."""

    passed: bool
    message: str

    def __repr__(self) -> str:
        return f"{'✓' if self.passed else '✗'} {self.message}"


class Mistake(Exception):
    """Raised inside a check: the answer is wrong, and the message is the hint."""


def expect(condition: bool, hint: str) -> None:
    """Stop the check with a hint unless the condition holds."""
    if not condition:
        raise Mistake(hint)


def reader_check(test: Callable[[object], str]) -> Callable[[object], Check]:
    """Turn a function that tests an answer and returns praise into a check that never raises."""

    @wraps(test)
    def check(answer) -> Check:
        try:
            return Check(True, test(answer))
        except NotImplementedError:
            return Check(False, "Not solved yet: write the function's body, then run this cell.")
        except Mistake as hint:
            return Check(False, str(hint))
        except Exception as error:  # the reader's code, whatever it does
            return Check(False, f"Your code stopped: {type(error).__name__}: {error}")

    return check
