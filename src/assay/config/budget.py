"""Which budget a run has, where a preset, an experiment and the command line each name one."""

from collections.abc import Sequence

from assay.config.report import Problem
from assay.config.tree import Origin, Tree

BUDGETS = ("max_minutes", "max_steps", "max_tokens")


def settle(tree: Tree) -> dict[str, object]:
    """Keep the budget of the most specific source and clear the others; return the trainer's fields this changed.

    Hydra's order alone would leave the preset's max_tokens beside the max_steps of the command line, and an experiment's
    budget over that of `trainer=smoke`. Contradictions and a missing budget are added to the tree's problems.
    """
    trainer = tree.values.get("trainer")
    if not isinstance(trainer, dict) or "trainer" in tree.guessed:
        return {}
    given = {name: last for name in BUDGETS if (last := _most_specific(tree.history.get(("trainer", name), []))) and last.value is not None}
    if not given:
        names = ", ".join(f"trainer.{name}" for name in BUDGETS)
        tree.problems.append(Problem(_place_of_none(tree), f"no budget: give one of {names}"))
        return {}
    rank = max(origin.rank for origin in given.values())
    rivals = [name for name, origin in given.items() if origin.rank == rank]
    if len(rivals) > 1:
        places = " and ".join(dict.fromkeys(given[name].place for name in rivals))
        tree.problems.append(Problem(places, f"{' and '.join(f'trainer.{name}' for name in rivals)} are two budgets; give one"))
        return {}
    winner = given[rivals[0]]
    wanted = {name: winner.value if name == rivals[0] else None for name in BUDGETS}
    changed = {name: value for name, value in wanted.items() if trainer.get(name) != value}
    for name, value in changed.items():
        trainer[name] = value
        tree.history[("trainer", name)].append(Origin(winner.place, rank, value))
    return changed


def _most_specific(history: Sequence[Origin]) -> Origin | None:
    """Return the most specific origin, of equal ones the last: on the command line a later word stands."""
    return max(reversed(history), key=lambda origin: origin.rank, default=None)


def _place_of_none(tree: Tree) -> str:
    keys = [("trainer", name) for name in BUDGETS]
    cleared = [key for key in keys if key in tree.removed or key in tree.history]
    return tree.place(cleared[-1] if cleared else ("trainer",))
