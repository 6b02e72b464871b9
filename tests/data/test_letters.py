from unicodedata import name

from hypothesis import given
from hypothesis import strategies as st

from assay.data.letters import count_letters


def test_letters_are_counted_by_script() -> None:
    assert count_letters(["Abc é ß 中文、あ Ж 12"]) == {"characters": 17, "han": 2, "latin": 5, "other": 2}


@given(st.text(alphabet=st.one_of(st.characters(max_codepoint=0x2FF), st.sampled_from("中文あЖ한עמ𠀀𝒜ꟲ"))))
def test_every_letter_is_in_one_script(text: str) -> None:
    counts = count_letters([text])
    assert counts["characters"] == len(text)
    assert counts["han"] + counts["latin"] + counts["other"] == sum(map(str.isalpha, text))
    assert counts["han"] == sum(name(character, "").startswith("CJK UNIFIED") for character in text)
    assert counts["latin"] == sum(name(character, "").startswith("LATIN") for character in text if ord(character) < 0x250)
