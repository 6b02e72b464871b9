"""The whole config of each verb, from the groups' own schemas, and which class each `_target_` may name."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from assay.config.fields import FOLDER, FOLDER_IN_PROJECT, FOLDER_OR_NAME, setting
from assay.data.classifier.settings import NAME, LearningSettings
from assay.data.cleaning.schema import CleaningSchema
from assay.data.engine.schema import EngineSchema
from assay.data.schema import DataSchema, OutsideSchema
from assay.evaluation.schema import EvaluationSchema
from assay.model.schema import ModelSchema
from assay.objective.schema import ObjectiveSchema
from assay.optimizer.schema import AdaGradSchema, AdamSchema, AdamWSchema, LionSchema, SGDSchema
from assay.schedule.schema import ScheduleSchema
from assay.tokenizer.schema import TokenizerSchema
from assay.tracking.schema import TrackingSchema
from assay.trainer.schema import TrainerSchema

WITHOUT_EFFECT = ("engine", "tracking", "dry_run", "rerun", "resume", "prepare", "export")
"""Groups and settings of the training config that change no result."""
TRAINER_WITHOUT_EFFECT = ("print_every_steps", "checkpoint_every_steps", "loader_workers")
RUN_NAME = r"[A-Za-z0-9][A-Za-z0-9 ._=-]{0,99}(/(step_[0-9]{1,9}|best))?"
RUN_OR_FOLDER = rf"{RUN_NAME}|[^/]{{0,255}}/.{{1,4000}}"
GROUPS: dict[str, tuple[type[Any], ...]] = {
    "data": (DataSchema,),
    "cleaning": (CleaningSchema,),
    "engine": (EngineSchema,),
    "tokenizer": get_args(TokenizerSchema),
    "model": get_args(ModelSchema),
    "objective": get_args(ObjectiveSchema),
    "optimizer": (AdamWSchema, SGDSchema, AdamSchema, AdaGradSchema, LionSchema),
    "schedule": (ScheduleSchema,),
    "trainer": (TrainerSchema,),
    "tracking": (TrackingSchema,),
    "evaluation": (EvaluationSchema,),
}
"""Group -> the schemas its files may fill. Where there are several, `_target_` says which: this is the positive list."""


@dataclass(frozen=True, kw_only=True)
class CleanConfig:
    """Config of the cleaning stage."""

    data: DataSchema
    cleaning: CleaningSchema
    engine: EngineSchema = setting(make=EngineSchema)


@dataclass(frozen=True, kw_only=True)
class CleanCommand(CleanConfig):
    """conf/clean.yaml, with what only the command itself can be asked."""

    source: OutsideSchema = setting(make=OutsideSchema)
    dry_run: bool = setting(False, help="show what would be kept and dropped, and write nothing")
    output: str | None = setting(None, pattern=r".+", path=FOLDER, help="folder for the cleaned documents, instead of data/clean/")
    why: str | None = setting(None, pattern=r"[0-9a-f]{4,32}", help="id of a document, or its first digits: tell its story, clean nothing")


@dataclass(frozen=True, kw_only=True)
class AnnotateCommand(CleanConfig):
    """conf/annotate.yaml"""

    export: str | None = setting(
        None,
        pattern=r".+\.(html|csv|jsonl)",
        words="a file that ends in .html, .csv or .jsonl",
        path=FOLDER,
        help="file for a sample: a page to label in, a table, or lines",
    )
    import_labels: str | None = setting(
        None,
        pattern=r".+\.(csv|jsonl)",
        words="a file that ends in .csv or .jsonl",
        path=FOLDER,
        help="file of labels to check and store",
    )
    documents: int = setting(200, at_least=1, at_most=100_000, help="size of the sample")
    labels: list[str] = setting(make=lambda: ["keep", "drop"], pattern=r"\w[\w .-]{0,31}", help="what a document may be called")
    question: str = setting("", help="what the page asks")
    balance: Literal["none", "source"] = setting("none", help="source: as many documents of each source, however large it is")
    name: str | None = setting(None, pattern=NAME, help="of the file in labels/; default: the corpus's")
    annotator: str | None = setting(None, pattern=r"\w[\w .@-]{0,63}", help="who labels, where the file does not say")
    replace: bool = setting(False, help="a person's new labels take the place of older, different ones")
    seed: int = setting(1, at_least=0, at_most=2**63 - 1, help="of the sample")


@dataclass(frozen=True, kw_only=True)
class ClassifierConfig:
    """conf/learn_classifier.yaml"""

    labels: str | None = setting(None, pattern=NAME, help="of labels/NAME.jsonl")
    good: list[str] = setting(make=lambda: ["keep"], help="labels of good texts; all others are not good")
    name: str | None = setting(None, pattern=NAME, help="of data/classifier/NAME; default: the labels'")
    learning: LearningSettings = setting(make=LearningSettings)


@dataclass(frozen=True, kw_only=True)
class BagOfWordsConfig(CleanConfig):
    """conf/bag_of_words.yaml"""

    smoothing: float = setting(1.0, above=0, at_most=1_000, help="added to each count of a word in a class; 1: Laplace's")
    min_documents: int = setting(2, at_least=1, at_most=1_000_000, help="words of fewer training documents are left out")
    output: str | None = setting(None, pattern=r".+", path=FOLDER, help="JSON file that receives the table too")


@dataclass(frozen=True, kw_only=True)
class TokenizerConfig(CleanConfig):
    """conf/learn_tokenizer.yaml and conf/encode.yaml"""

    tokenizer: TokenizerSchema


@dataclass(frozen=True, kw_only=True)
class TrainConfig(TokenizerConfig):
    """conf/train.yaml"""

    seed: int = setting(1, at_least=0, at_most=2**63 - 1)
    dry_run: bool = setting(False, help="print the plan and stop")
    rerun: bool = setting(False, help="train even if an identical run is finished")
    resume: str = setting(
        "auto", pattern=RUN_NAME, help="auto: the same command goes on with a run that was cut off; RUN, RUN/best or RUN/step_N: that one"
    )
    init: str | None = setting(
        None,
        pattern=RUN_OR_FOLDER,
        path=FOLDER_OR_NAME,
        help="RUN, RUN/best or RUN/step_N: the weights to begin with; or the FOLDER of a model of transformers, with a slash",
    )
    prepare: Literal["auto", "never"] = setting("auto", help="auto: missing or stale data is made first; never: it is an error")
    export: str | None = setting(
        None,
        pattern=FOLDER_IN_PROJECT,
        words="a folder inside the project, with letters, digits and . _ - / in its name",
        path=FOLDER,
        help="receives the finished run",
    )
    model: ModelSchema
    objective: ObjectiveSchema
    optimizer: AdamWSchema | SGDSchema | AdamSchema | AdaGradSchema | LionSchema
    schedule: ScheduleSchema
    trainer: TrainerSchema
    tracking: TrackingSchema
    evaluation: EvaluationSchema
