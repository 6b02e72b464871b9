from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.steps import all_packages, packages, repairs
from assay.data.linguistics.settings import LinguisticSettings


def test_the_config_chooses_the_steps_and_their_order() -> None:
    assert [name for name, _ in repairs(CleaningSchema())] == ["well_formed", "unicode_form", "whitespace"]
    assert [name for name, _ in repairs(CleaningSchema(unicode_form="none", whitespace="keep"))] == ["well_formed"]


def test_each_repair_is_chosen_by_its_own_field() -> None:
    chosen = CleaningSchema(
        mojibake=True, width="letters", chinese="simplified", spelling=True, personal_data="mask", stop_words="en", unicode_form="NFKC"
    )
    text = "They all said \uff21 cafÃ© is what we had beleived, teh one of 93.184.216.34"
    changed = []
    for name, step in repairs(chosen):
        found = step(text)
        assert isinstance(found, str)
        if found != text:
            changed.append(name)
        text = found
    assert [name for name, _ in repairs(chosen)] == [
        *("well_formed", "mojibake", "unicode_form", "width", "whitespace", "chinese", "spelling", "stop_words", "personal_data")
    ]
    assert changed == ["mojibake", "unicode_form", "spelling", "stop_words", "personal_data"]
    assert text == "café believed, [ip]"


def test_the_packages_of_chosen_steps_are_named_for_the_fingerprint() -> None:
    assert packages(CleaningSchema()) == ["lxml", "resiliparse"]
    assert packages(CleaningSchema(html="trafilatura")) == ["lxml", "resiliparse", "trafilatura", "lxml_html_clean"]
    assert packages(CleaningSchema(mojibake=True, spelling=True)) == ["lxml", "resiliparse", "ftfy", "codespell", "stopwordsiso"]


def test_the_packages_of_linguistic_steps_change_no_text_that_is_read_but_what_is_written() -> None:
    chosen = CleaningSchema(linguistics=LinguisticSettings(pos_tags=True))
    always = packages(CleaningSchema())
    assert packages(chosen) == always
    assert all_packages(chosen) == sorted([*always, "gruut-lang-en", "python-crfsuite", "rjieba", "spacy", "stopwordsiso"])
    assert all_packages(CleaningSchema(linguistics=LinguisticSettings())) == always
