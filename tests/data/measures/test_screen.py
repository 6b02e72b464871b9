from assay.data.batch import TextBatch
from assay.data.cleaning.schema import C4Rules, ChineseRules, CleaningSchema, CodeRules, FineWebRules, RuleSet
from assay.data.document import Document, Outcome, text_hash
from assay.data.measures.screen import Screen, screen_outcome

CLEANING = CleaningSchema(
    rules=[
        RuleSet(languages=["zh"], chinese=ChineseRules()),
        RuleSet(languages=["code"], code=CodeRules()),
        RuleSet(languages=["en"], c4=C4Rules(min_sentences=1), fineweb=FineWebRules(max_newlines=None, max_short_lines=None)),
    ]
)


def test_each_text_is_held_to_the_rules_of_its_language() -> None:
    texts = ["\u597d", "<?xml version='1.0'?>", "no end", "una frase"]
    found = Screen(CLEANING)(TextBatch.of(texts), ["zh", "code", "en", "es"])
    assert found.reasons == ["chinese.too_few_han", "code.xml", "c4.too_few_sentences", None]
    assert found.batch.text(3) == "una frase"


def test_lines_that_c4_drops_are_cut_out_of_a_text_that_stays() -> None:
    found = Screen(CLEANING)(TextBatch.of(["\u597d", "It stays where it is.\nmenu"]), ["zh", "en"])
    assert found.reasons[1] is None
    assert found.batch.text(1) == "It stays where it is."


def test_a_star_is_for_every_language() -> None:
    every = CleaningSchema(rules=[RuleSet(code=CodeRules(max_line_characters=3))])
    assert Screen(every)(TextBatch.of(["four"]), ["xx"]).reasons == ["code.long_line"]


def test_documents_of_a_unit_are_dropped_and_changed_with_a_count() -> None:
    texts = ["It stays where it is.\nmenu", "no end", "It stays where it is."]
    outcome = Outcome(
        kept=[Document(str(place), text, "s", "p", "1", text_hash(text)) for place, text in enumerate(texts)], read_documents=3
    )
    screen_outcome(outcome, CLEANING, "en")
    assert [document.text for document in outcome.kept] == ["It stays where it is."] * 2
    assert outcome.kept[0].text_hash == outcome.kept[1].text_hash
    assert dict(outcome.dropped) == {"c4.too_few_sentences": 1}
    assert (outcome.changed["c4_lines"], outcome.removed_characters["c4_lines"]) == (1, len("\nmenu"))
