"""Schemas of conf/generate.yaml, conf/export.yaml and conf/import_model.yaml."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import FOLDER, setting


@dataclass(frozen=True, kw_only=True)
class GenerateConfig:
    """Settings of sampling. temperature=0 takes the likeliest token each time."""

    max_new_tokens: int = setting(200, at_least=1, at_most=1_000_000)
    temperature: float = setting(0.8, at_least=0, at_most=100)
    top_k: int | None = setting(None, at_least=1, at_most=10_000_000, help="only the k likeliest tokens; null: all")
    top_p: float = setting(1.0, above=0, at_most=1, help="only the likeliest tokens that together have this probability")
    seed: int = setting(1, at_least=0, at_most=2**63 - 1)


@dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """In which form a run's model goes out, and where to."""

    format: Literal["huggingface", "word2vec"] = setting(
        "huggingface", help="a folder that transformers loads; word2vec: vectors of words as text, which gensim loads"
    )
    output: str | None = setting(None, pattern=r".+", path=FOLDER, help="folder; default: models/FORMAT/NAME, of the run's name")
    head: bool = setting(True, help="false: an encoder without its output layer, as for embeddings")

    @property
    def default_output(self) -> str:
        return f"models/{self.format}/NAME"


@dataclass(frozen=True, kw_only=True)
class ImportConfig:
    """Settings of the import of a model."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}", help="of conf/model/NAME.yaml; default: the folder's")
