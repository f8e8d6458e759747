"""The linter for conversations: `check(library, …)` → findings, each with a line and a way out.

What cannot work at all (a step that is not there, recursion) is found by compiling; these rules find what works
but would let a family down.
"""

from bot.flow.lint.all_rules import check

__all__ = ["check"]
