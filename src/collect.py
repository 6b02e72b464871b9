"""Collect the raw text of the pipeline's corpora, or of those named: python src/collect.py [CORPUS ...]"""

from assay.config.entry import program
from assay.config.load import load
from assay.config.report import did_you_mean
from assay.config.schema import CleanConfig
from assay.data.collect import collect
from assay.data.lockfile import check_lockfile
from assay.data.places import pipeline_raw
from assay.data.without_git import tell_dvc_about_git
from assay.errors import ConfigError
from assay.files import ROOT


def main(names: list[str]) -> None:
    known = sorted(path.stem for path in (ROOT / "conf" / "data").glob("*.yaml"))
    for name in [name for name in names if name not in known]:
        raise ConfigError(f"no corpus {name!r} in conf/data/{did_you_mean(name, known)}\n  usage: python src/collect.py [CORPUS ...]")
    wanted = [load("clean", [f"data={name}"], CleanConfig).data for name in names or pipeline_raw()]
    tell_dvc_about_git(ROOT)
    if not names:
        check_lockfile(ROOT)
    new = [str(data.name) for data in wanted if collect(data)]
    print(f"collected: {', '.join(new) or 'nothing to do, all is here already: ' + ', '.join(str(data.name) for data in wanted)}")


if __name__ == "__main__":
    program(main, __doc__)
