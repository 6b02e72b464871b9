from assay.data.cleaning.schema import CleaningSchema
from assay.data.schema import SourceSchema
from assay.data.sources import Unit
from assay.data.unit import clean_unit


def test_what_a_reader_repairs_is_counted_and_shown_under_the_id_of_its_document() -> None:
    box = b"From a@b Mon\nSubject: =?utf-8?b?QUJDR?=\n\none\n\nFrom c@d Tue\nSubject: x\n\ntwo\n"
    source = SourceSchema(folder="f", text_fields=["subject", "text"])
    outcome = clean_unit(Unit(0, "a.mbox", box), source, CleaningSchema(encodings=["utf-8"]))
    assert outcome.changed["mail_header_raw"] == 1
    [change] = outcome.changes["mail_header_raw"]
    assert (change.id, change.before) == (outcome.kept[0].id, "=?utf-8?b?QUJDR?=")


def test_a_drop_of_a_reader_is_shown_with_what_was_found() -> None:
    outcome = clean_unit(Unit(0, "a.eml", b"no headers\n\nat all"), SourceSchema(folder="f"), CleaningSchema(encodings=["utf-8"]))
    assert [(drop.reason, drop.excerpt) for drop in outcome.shown["no_mail"]] == [("no_mail", "no headers\n\nat all")]
