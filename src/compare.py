"""Compare the models that the pipeline trained: a table, a sample of each, a report."""

import sys

from assay.comparison.schema import CompareConfig
from assay.config.entry import verb


@verb("compare", CompareConfig)
def main(config: CompareConfig) -> None:
    from assay.comparison.report import write_report
    from assay.comparison.table import load_models, print_comparison
    from assay.files import project_path

    models, folder = load_models(project_path(config.models)), project_path(config.report)
    write_report(models, folder)
    if sys.stdout.isatty():
        print_comparison(models)
    else:
        print((folder / "comparison.txt").read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()
