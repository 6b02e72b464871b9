"""Clean a corpus: python src/clean.py data=shakespeare

Another threshold tried: dry_run=true. One document's story: why=ID. A folder of your own, outside of the project: source.path=IN output=OUT
"""

from assay.config.entry import verb
from assay.config.schema import CleanCommand


@verb("clean", CleanCommand)
def main(config: CleanCommand) -> None:
    from assay.data.clean import clean, explain, plan
    from assay.data.outside import from_outside, target_folder
    from assay.data.snapshot import bring_up_to_date

    target = target_folder(config)
    config = from_outside(config)
    bring_up_to_date(config.data)
    if config.why:
        return print(explain(config, config.why))
    if config.dry_run:
        return print(plan(config, target))
    clean(config, target)
    print(f"documents, card, drops and report.html: {target}")


if __name__ == "__main__":
    main()
