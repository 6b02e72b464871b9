"""Label a corpus by hand: python src/annotate.py data=shakespeare export=sample.html, then import_labels=FILE

Without either: what is labelled so far, and how far people agree.
"""

from assay.config.entry import verb
from assay.config.schema import AnnotateCommand


@verb("annotate", AnnotateCommand)
def main(config: AnnotateCommand) -> None:
    from assay.data.annotation.exporting import export_sample
    from assay.data.annotation.importing import import_labels
    from assay.data.annotation.status import show_status

    if config.export:
        export_sample(config)
    elif config.import_labels:
        import_labels(config)
    else:
        show_status(config)


if __name__ == "__main__":
    main()
