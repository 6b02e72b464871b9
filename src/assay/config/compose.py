"""The subset of Hydra's composition that conf/ uses, keeping for every value where it came from.

Hydra itself stops at the first mistake and forgets lines. A test holds that both compose the same values.
"""

from collections.abc import Sequence
from dataclasses import replace

from hydra.core.override_parser.types import Override
from omegaconf._utils import split_key

from assay.config import tree
from assay.config.corpus_recipe import CLEANING, DATA, read_recipe, without_recipe
from assay.config.overrides import NO_OVERRIDE, CommandLine, only_needs_multirun, parse
from assay.config.presets import EXPERIMENT_GROUP, SCHEMA, SELF, Choice, Conf
from assay.config.report import Problem, did_you_mean, nearest, override_place, refuse
from assay.config.tree import Tree
from assay.config.yaml_source import Source


def compose(conf: Conf, root: str, overrides: Sequence[str]) -> Tree:
    """Merge root, groups, the corpus's recipe, experiment and overrides. What is wrong is listed in the result's `problems`.

    Raises ConfigError only where the root file itself cannot be used, since nothing can be said without it.
    """
    if root not in conf.roots:
        refuse([Problem(f"conf/{root}.yaml", f"there is no such file{did_you_mean(root, conf.roots)}")])
    return _Composer(conf, root, parse(overrides)).run()


class _Composer:
    def __init__(self, conf: Conf, root: str, line: CommandLine) -> None:
        self.conf = conf
        self.line = line
        self.entries = [entry for entry in conf.defaults(root).entries if entry.name != SCHEMA]
        self.groups = {entry.group: entry for entry in self.entries if entry.group}
        self.tree = Tree(root, problems=[self.with_group(problem) for problem in line.problems])
        self.chosen: dict[str, tuple[Choice, int]] = {}  # by corpus, experiment or command line, with how specific that is
        self.read: set[str] = set()
        self.chains: dict[tuple[str, str], list[Source]] = {}

    def run(self) -> Tree:
        self.use(self.tree.root)
        self.check_root()
        values = [override for override in self.line.own if not self.is_choice(override)]
        for override in self.line.own:
            if self.is_choice(override):
                self.choose(override)
        experiments = self.experiments()
        self.choose_recipe()
        for entry in self.entries:
            if entry.name == SELF:
                self.tree.merge_file(self.conf.source(self.tree.root), tree.ROOT_FILE)
            elif entry.group == EXPERIMENT_GROUP:
                self.merge_recipe()
                for source in experiments:
                    self.tree.merge_file(source, tree.EXPERIMENT)
            elif entry.group:
                self.merge_group(entry)
        if EXPERIMENT_GROUP not in self.groups:
            self.merge_recipe()
        for override in values:
            self.apply(override)
        return self.tree

    def choose_recipe(self) -> None:
        """Read the cleaning recipe that the corpus names. Its base is the choice of `cleaning`, unless something more specific chose one."""
        if DATA not in self.groups or CLEANING not in self.groups:
            return
        corpus = self.chosen[DATA][0].name if DATA in self.chosen else self.groups[DATA].name
        if corpus in self.conf.groups.get(DATA, []):
            recipe = read_recipe(self.files_of(DATA, str(corpus)), self.conf.groups.get(CLEANING, []), self.wrong)
            self.tree.recipe = recipe
            if recipe.base is not None and CLEANING in self.chosen:
                self.exists(recipe.base)  # a wrong name is told even where another recipe is used
            elif recipe.base is not None:
                self.chosen[CLEANING] = (recipe.base, tree.CORPUS)

    def merge_recipe(self) -> None:
        for source in self.tree.recipe.fields:
            self.tree.merge_file(source, tree.CORPUS, (CLEANING,))

    def with_group(self, problem: Problem) -> Problem:
        """`gpt_small` alone is the choice of a group whose name was left out."""
        homes = [group for group in self.groups if problem.place in map(override_place, self.conf.groups.get(group, ()))]
        if problem.text != NO_OVERRIDE or not homes:
            return problem
        word = problem.place.partition(" ")[2]
        return Problem(problem.place, f"{NO_OVERRIDE}; did you mean {' or '.join(f'{group}={word}' for group in homes)}?")

    def use(self, name: str) -> Source:
        """Read a file and take over its problems, once."""
        source = self.conf.source(name)
        if name not in self.read:
            self.read.add(name)
            self.tree.problems += source.problems + self.conf.defaults(name).problems
        return source

    def wrong(self, place: str, text: str) -> None:
        self.tree.problems.append(Problem(place, text))

    def check_root(self) -> None:
        for entry in self.entries:
            if not entry.group and entry.name != SELF:
                self.wrong(entry.place, f"{entry.name}: a root names {SCHEMA}, {SELF} and its groups (- group: name)")
        for choice in self.conf.defaults(self.tree.root).overrides:
            self.wrong(
                choice.place, f"override {choice.group}: belongs in an experiment; here write - {choice.group.lstrip('/')}: {choice.name}"
            )
        for group in sorted(self.groups.keys() - self.conf.groups.keys()):
            self.wrong(self.groups[group].place, f"there is no folder conf/{group}/{did_you_mean(group, self.conf.groups)}")

    def is_choice(self, override: Override) -> bool:
        """A mapping given to a group is a set of values, as in Hydra."""
        return override.key_or_group in self.conf.groups and not isinstance(override.value(), dict)

    def choose(self, override: Override) -> None:
        group, place, value = override.key_or_group, override_place(str(override.input_line)), override.value()
        if group not in self.groups:
            self.wrong(place, f"{self.tree.root} has no group {group} (groups: {', '.join(self.groups)})")
        elif override.is_delete():
            self.wrong(place, f"{group} cannot be taken away; choose another: {', '.join(self.conf.groups[group])}")
        elif override.is_sweep_override():
            self.tree.problems.append(only_needs_multirun(override))
        elif override.is_add() or override.is_force_add():
            self.wrong(place, f"{group} is there already; leave out the +")
        elif not isinstance(value, str):
            self.wrong(place, f"{group} takes the name of one file (choices: {', '.join(self.conf.groups[group])})")
        elif group in self.chosen:
            self.wrong(place, f"{group} is chosen twice; the first is {self.chosen[group][0].place}")
        else:
            self.chosen[group] = (Choice(group, value, place), tree.COMMAND_PRESET)

    def experiments(self) -> list[Source]:
        """The chosen experiment and those it builds on, in the order of merging; their choices are noted on the way."""
        entry = self.groups.get(EXPERIMENT_GROUP)
        choice = self.chosen[EXPERIMENT_GROUP][0] if EXPERIMENT_GROUP in self.chosen else entry
        if choice is None or choice.name is None or not self.exists(choice):
            return []
        self.tree.choices[EXPERIMENT_GROUP] = choice.name
        sources = self.chain(EXPERIMENT_GROUP, choice.name)
        for source in sources:
            if source.package != "_global_":
                self.wrong(f"{source.place}:1", "an experiment begins with the line: # @package _global_")
        return sources

    def exists(self, choice: Choice) -> bool:
        if choice.group not in self.conf.groups:
            return False  # said by check_root
        if choice.name in self.conf.groups[choice.group]:
            return True
        self.wrong(choice.place, self.conf.missing(choice.group, str(choice.name)))
        return False

    def files_of(self, group: str, name: str) -> list[Source]:
        """The same, read once: its problems are told once."""
        if (group, name) not in self.chains:
            self.chains[group, name] = self.chain(group, name)
        return self.chains[group, name]

    def chain(self, group: str, name: str, above: tuple[str, ...] = ()) -> list[Source]:
        """The file and, before or after it as its defaults list says, the siblings it names."""
        source = self.use(f"{group}/{name}")
        defaults = self.conf.defaults(f"{group}/{name}")
        for choice in defaults.overrides:
            self.override(choice, group)
        if not defaults.entries:
            return [source]
        sources: list[Source] = []
        for entry in defaults.entries:
            sibling = str(entry.name)
            if entry.name == SELF and not entry.group:
                sources.append(source)
            elif entry.group:
                how = f"write - override /{entry.group}" if group == EXPERIMENT_GROUP else "a file builds on files of its own group only"
                self.wrong(entry.place, f"{entry.group}: {how}")
            elif sibling in (*above, name):
                self.wrong(entry.place, f"{sibling} builds on itself")
            elif self.exists(Choice(group, sibling, entry.place)):
                sources += self.chain(group, sibling, (*above, name))
        return sources

    def override(self, choice: Choice, group: str) -> None:
        """Note `override /group: name` of an experiment. What the command line or an experiment building on this one chose stays."""
        target = choice.group.removeprefix("/")
        if group != EXPERIMENT_GROUP:
            self.wrong(choice.place, "only an experiment may override other groups")
        elif not choice.group.startswith("/"):
            self.wrong(choice.place, f"write override /{choice.group}, with the slash: without it Hydra looks inside experiment/")
        elif target not in self.groups or target == EXPERIMENT_GROUP:
            self.wrong(choice.place, f"{self.tree.root} has no group {target}{did_you_mean(target, self.groups)}")
        else:
            self.chosen.setdefault(target, (replace(choice, group=target), tree.EXPERIMENT_PRESET))

    def merge_group(self, entry: Choice) -> None:
        choice, layer = self.chosen.get(entry.group, (entry, tree.DEFAULT_PRESET))
        if choice.name is None:
            self.wrong(choice.place, f"{entry.group} needs a choice: {', '.join(self.conf.groups.get(entry.group, []))}")
        elif not self.exists(choice):
            self.tree.guessed.add(entry.group)
            choices = self.conf.groups.get(entry.group, [])
            choice = replace(choice, name=nearest(choice.name, choices) or next(iter(choices), None))
        if choice.name is not None:
            self.tree.choices[entry.group] = choice.name
            self.tree.choice_places[entry.group] = f"{self.conf.folder.name}/{entry.group}/{choice.name}.yaml"
            self.tree.chosen_at[entry.group] = (choice.place, layer)
            for source in self.files_of(entry.group, choice.name):
                if source.package is not None:
                    self.wrong(f"{source.place}:1", "only an experiment has a # @package line; remove it")
                own = without_recipe(source) if entry.group == DATA and CLEANING in self.groups else source
                self.tree.merge_file(own, layer, (entry.group,))

    def apply(self, override: Override) -> None:
        place = override_place(str(override.input_line))
        keys = tuple(split_key(override.key_or_group))
        if override.is_sweep_override():
            self.tree.problems.append(only_needs_multirun(override))
        elif override.is_delete():
            self.tree.remove(keys, override.value(), place)
        else:
            self.tree.set(keys, override.value(), place)
