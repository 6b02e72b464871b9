"""What conf/compare.yaml may say."""

from dataclasses import dataclass

from assay.config.fields import FOLDER_IN_PROJECT, setting


@dataclass(frozen=True, kw_only=True)
class CompareConfig:
    """Which exported models are compared, and where the report goes; both inside the project."""

    models: str = setting("models", pattern=FOLDER_IN_PROJECT, help="folder of exported models")
    report: str = setting("report", pattern=FOLDER_IN_PROJECT, help="folder of the report")
