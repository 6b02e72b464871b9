from unicodedata import name

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
from assay.data.letters import count_letters


def test_letters_are_counted_by_script_and_text() -> None:
    counts = count_letters(TextBatch.of(["Abc é ß 中文、あ Ж 12", "", "ab"]))
    assert counts.tolist() == [[17 - 2 - 5 - 2, 2, 5, 2], [0, 0, 0, 0], [0, 0, 2, 0]]


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(max_codepoint=0x2FF), st.sampled_from("中文あЖ한עמ𠀀𝒜ꟲ\U0010ffff"))))
def test_every_letter_is_in_one_script(text: str) -> None:
    ((none, han, latin, other),) = count_letters(TextBatch.of([text])).tolist()
    assert none + han + latin + other == len(text)
    assert han + latin + other == sum(map(str.isalpha, text))
    assert han == sum(name(character, "").startswith("CJK UNIFIED") for character in text)
    assert latin == sum(name(character, "").startswith("LATIN") for character in text if ord(character) < 0x250)
