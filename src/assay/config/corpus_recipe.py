"""The cleaning recipe that a corpus names in its own file, conf/data/NAME.yaml: `cleaning: chinese`, or fields on top of a recipe.

    cleaning:
      recipe: chinese          # a file of conf/cleaning/; without it the verb's own choice
      personal_data: mask      # any field of cleaning

It is merged over the verb's root file, and under an experiment and the command line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import yaml

from assay.config.presets import Choice
from assay.config.report import dotted, show
from assay.config.tree import COMMAND, COMMAND_PRESET, CORPUS, EXPERIMENT_PRESET, CorpusRecipe, Tree
from assay.config.yaml_source import Keys, Source

DATA, CLEANING, BASE = "data", "cleaning", "recipe"
HELP = (
    "in conf/data/NAME.yaml only: the corpus's own recipe, for every command. A name of conf/cleaning/, or a mapping: recipe: NAME and any "
    "field of cleaning"
)
Wrong = Callable[[str, str], None]


def without_recipe(source: Source) -> Source:
    """The file without its key `cleaning`, whose fields belong to another group."""
    return replace(source, values={key: value for key, value in source.values.items() if key != CLEANING})


def read_recipe(sources: Sequence[Source], choices: Sequence[str], wrong: Wrong) -> CorpusRecipe:
    """The recipe of a corpus from its files, the last one winning. `wrong(place, text)` takes what is wrong."""
    recipe = CorpusRecipe()
    for source in sources:
        if CLEANING in source.values:
            _read_one(source, recipe, choices, wrong)
    return recipe


def _read_one(source: Source, recipe: CorpusRecipe, choices: Sequence[str], wrong: Wrong) -> None:
    given, recipe.place = source.values[CLEANING], source.at((CLEANING,))
    names = f"conf/cleaning/ ({', '.join(choices)})"
    if isinstance(given, str):
        recipe.base = Choice(CLEANING, given, recipe.place)
        return
    if not isinstance(given, dict):
        fields = "or fields: cleaning: {recipe: NAME, personal_data: mask}"
        return wrong(recipe.place, f"cleaning takes the name of a recipe of {names}, {fields}; found {show(given)}")
    base = given.get(BASE)
    if isinstance(base, str):
        recipe.base = Choice(CLEANING, base, source.at((CLEANING, BASE)))
    elif BASE in given:
        wrong(source.at((CLEANING, BASE)), f"cleaning.recipe takes the name of one recipe of {names}, found {show(base)}")
    elif given.get("name") in choices:
        wrong(source.at((CLEANING, "name")), f"cleaning.name chooses no recipe; did you mean recipe: {given['name']}?")
    values = {key: value for key, value in given.items() if key != BASE}
    lines = {keys[1:]: line for keys, line in source.lines.items() if keys[0] == CLEANING}
    recipe.fields.append(Source(source.place, values, lines))


def misplaced(keys: Keys) -> str | None:
    """Why a recipe can't stand at these keys, where one would be looked for."""
    if keys == (DATA, CLEANING):
        return f"{dotted(keys)} stands in conf/data/NAME.yaml only; elsewhere write cleaning=NAME or cleaning.FIELD=VALUE"
    if keys[:2] == (DATA, "sources") and keys[-1] == CLEANING:
        return f"{dotted(keys)}: a corpus has one recipe, for all its sources; write cleaning: beside sources:"
    return None


def for_hydra(tree: Tree, whole: dict[str, Any]) -> tuple[list[str], dict[Keys, Any]]:
    """Overrides and values that make Hydra compose what was checked (`whole`): to Hydra the recipe is a field of `data`."""
    if not tree.recipe.place:
        return [], {}
    words = [f"~{DATA}.{CLEANING}"]
    if tree.recipe.base is not None and tree.chosen_at[CLEANING][1] == CORPUS:
        words.append(f"{CLEANING}={tree.recipe.base.name}")
    names = {key for source in tree.recipe.fields for key in source.values}
    return words, {(CLEANING, key): whole[CLEANING][key] for key in sorted(names)}


def notes(tree: Tree) -> list[str]:
    """List what the command line or an experiment says about cleaning and the file of the corpus does not, a line each.

    A recipe given to one command does not stay for the next, so the last line says where it would.
    """
    if CLEANING not in tree.choices or DATA not in tree.choices or (tree.values.get("source") or {}).get("path"):
        return []
    said: list[str] = []
    new: dict[str, Any] = {}
    for words, keys, value, ours in _differences(tree):
        stated = _stated(tree, keys)
        if stated is not None:
            kept = ", ".join(sorted({key for source in tree.recipe.fields for key in source.values})) if keys == (BASE,) else ""
            stay = f", and its fields stay ({kept})" if kept else ""
            said.append(f"{words}; {stated[1]} says {_short(stated[0])}{stay}")
        elif ours:
            said.append(words)
            _put(new, keys, value)
    if new:
        whole: dict[str, Any] = {BASE: tree.recipe.base.name} if tree.recipe.base else {}
        for source in tree.recipe.fields:
            whole |= source.values
        text = yaml.safe_dump({CLEANING: _merged(whole, new)}, default_flow_style=None, allow_unicode=True, sort_keys=False, width=10_000)
        where = f"conf/data/{tree.choices[DATA]}.yaml"
        lines = "\n  ".join(text.strip().splitlines())
        said.append(f"That is for this command alone. For every command, write in {where}:\n  {lines}")
    return said


def _differences(tree: Tree) -> Iterator[tuple[str, Keys, Any, bool]]:
    """(where it was said, keys, value, whether on the command line) of each choice or field that is not the corpus's own.

    The base recipe has the keys ("recipe",).
    """
    place, layer = tree.chosen_at[CLEANING]
    chosen, base = tree.choices[CLEANING], tree.recipe.base
    if layer in (EXPERIMENT_PRESET, COMMAND_PRESET) and (base is None or base.name != chosen):
        ours = layer == COMMAND_PRESET
        yield f"{CLEANING}={chosen} from {'the command line' if ours else place}", (BASE,), chosen, ours
    for keys in tree.removed:
        if keys[0] == CLEANING and _stated(tree, keys[1:]) is not None:
            yield f"{dotted(keys)} taken away on the command line", keys[1:], None, True
    told: set[Keys] = set()
    for keys, history in sorted(tree.history.items(), key=lambda item: len(item[0])):
        inside = any(keys[:depth] in told for depth in range(2, len(keys)))
        if keys[0] != CLEANING or len(keys) < 2 or inside or history[-1].rank[0] <= CORPUS or keys == (CLEANING, "name"):
            continue
        stated = _stated(tree, keys[1:])
        if stated is not None and stated[0] == history[-1].value:
            continue
        told.add(keys)
        ours = history[-1].rank[0] == COMMAND
        words = f"{dotted(keys)}={_short(history[-1].value)} from {'the command line' if ours else history[-1].place}"
        yield words, keys[1:], history[-1].value, ours


def _stated(tree: Tree, keys: Keys) -> tuple[Any, str] | None:
    """Return the corpus's value at these keys of cleaning, and where it stands."""
    if keys == (BASE,):
        return (tree.recipe.base.name, tree.recipe.base.place) if tree.recipe.base else None
    for source in reversed(tree.recipe.fields):
        value: Any = source.values
        for key in keys:
            value = value.get(key, _MISSING) if isinstance(value, dict) else _MISSING
        if value is not _MISSING:
            return value, source.at(keys)
    return None


_MISSING = object()


def _short(value: Any) -> str:
    return str(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)).removesuffix("...\n").strip()


def _put(holder: dict[str, Any], keys: Keys, value: Any) -> None:
    for key in keys[:-1]:
        holder = holder.setdefault(str(key), {})
    holder[str(keys[-1])] = value


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(old[key], value) if isinstance(value, dict) and isinstance(old.get(key), dict) else value for key, value in new.items()
    }
    return {**old, **both}
