"""Schema of conf/compare.yaml."""

from dataclasses import dataclass

from assay.config.fields import FOLDER, setting


@dataclass(frozen=True, kw_only=True)
class CompareConfig:
    """Which exported models are compared, and where the report goes."""

    models: str = setting("models", pattern=r".+", path=FOLDER, help="folder of exported models")
    report: str = setting("report", pattern=r".+", path=FOLDER, help="folder of the report")
