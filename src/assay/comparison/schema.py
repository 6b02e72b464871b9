"""What conf/compare.yaml may say."""

from dataclasses import dataclass

from assay.config.fields import setting

FOLDER = r"[A-Za-z0-9][A-Za-z0-9._/-]*"


@dataclass(frozen=True, kw_only=True)
class CompareConfig:
    """Which exported models are compared, and where the report goes; both inside the project."""

    models: str = setting("models", pattern=FOLDER, help="folder of exported models")
    report: str = setting("report", pattern=FOLDER, help="folder of the report")
