"""List what data/cache keeps for recipes and code of the past, and its size: python src/prune.py. To remove it: python src/prune.py remove"""

from assay.config.entry import program
from assay.config.report import did_you_mean
from assay.errors import ConfigError

WORD = "remove"


def main(words: list[str]) -> None:
    if words not in ([], [WORD]):
        hint = did_you_mean(words[0], [WORD])
        raise ConfigError(f"{' '.join(words)!r} is no word of prune{hint}\n  usage: python src/prune.py [{WORD}]")
    from assay.config.choices import data_configs
    from assay.data.prune import prune

    prune(data_configs(), remove=bool(words))


if __name__ == "__main__":
    program(main, __doc__)
