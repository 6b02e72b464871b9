from assay.data.cleaning.schema import CleaningSchema
from assay.data.reading.record import Change, decode_record
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


def test_what_decoding_a_record_changes_is_counted_with_its_text() -> None:
    changes: list[Change] = []
    assert decode_record("Grüße".encode() + b" \xff", ["utf-8", "cp1252"], [], "7", changes) == "Grüße \ufffd"
    assert decode_record("Grüße, où".encode("cp1252"), ["utf-8", "cp1252"], [], "8", changes) == "Grüße, où"
    assert decode_record("паром".encode("koi8-r"), ["utf-8"], ["koi8-r"], "9", changes) == "паром"
    assert [(change.record, change.step, change.removed) for change in changes] == [
        ("7", "undecodable_bytes", 1),
        ("8", "decoded_from_cp1252", 0),
    ]
    assert (changes[0].before, changes[0].after) == ("Grüße \\xff", "Grüße \ufffd")
