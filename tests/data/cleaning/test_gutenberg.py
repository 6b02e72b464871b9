import pytest

from assay.data.cleaning.gutenberg import without_gutenberg_frame

BODY = "HAMLET\n\nby William Shakespeare\n\nWho's there?\n\nNay, answer me.\n\nTHE END"
NEW = (
    "The Project Gutenberg EBook of Hamlet\n\nThis eBook is for the use of anyone anywhere\n\n"
    "*** START OF THIS PROJECT GUTENBERG EBOOK HAMLET ***\n\nProduced by Dianne Bean\nand David Widger\n\n\n"
    f"{BODY}\n\n\nEnd of the Project Gutenberg EBook of Hamlet, by William Shakespeare\n\n"
    "*** END OF THIS PROJECT GUTENBERG EBOOK HAMLET ***\n\n***** This file should be named 1524.txt *****\n"
    "*** START: FULL LICENSE ***\nTHE FULL PROJECT GUTENBERG LICENSE\n"
)
OLD = (
    "Project Gutenberg Etext of Hamlet by Shakespeare\n\n***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\n"
    'Why is this "Small Print!" statement here?\n\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n\n'
    f"{BODY}\n\nEnd of Project Gutenberg Etext of Hamlet by Shakespeare\n"
)
NEWEST = (
    "\ufeffThe Project Gutenberg eBook of Hamlet\n\n*** START OF THE PROJECT GUTENBERG EBOOK HAMLET,\nPRINCE OF DENMARK ***\n\n"
    f"{BODY}\n\n*** END OF THE PROJECT GUTENBERG EBOOK HAMLET,\nPRINCE OF DENMARK ***\nUpdated editions will replace\n"
)


@pytest.mark.parametrize("text", [NEW, OLD, NEWEST])
def test_header_credits_and_licence_go_and_the_work_stays(text: str) -> None:
    assert without_gutenberg_frame(text) == BODY


@pytest.mark.parametrize("text", [BODY, "", f"\n{BODY}\n", "I gave to Project Gutenberg a small print of mine.\n"])
def test_a_text_without_a_frame_is_not_touched(text: str) -> None:
    assert without_gutenberg_frame(text) == text


def test_a_frame_quoted_late_in_a_text_cuts_nothing_before_it() -> None:
    text = "word " * 20_000 + "\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*END*\nmore\n"
    assert without_gutenberg_frame(text) == text
