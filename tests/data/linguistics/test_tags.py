import pytest

from assay.data.linguistics.tags import tagged
from assay.data.linguistics.words import lines_of, text_of


def shown(text: str, language: str) -> str:
    return text_of(tagged(lines_of(text, language), language), divided=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "They could not be happier with their new dogs.",
            "They/PRP could/MD not/RB be/VB happier/JJR with/IN their/PRP$ new/JJ dogs/NNS ./.",
        ),
        ("She walks home. The long walks ended!", "She/PRP walks/VBZ home/RB ./. The/DT long/JJ walks/NNS ended/VBD !/."),
        ("He doesn't run\nJohn's run was fast", "He/PRP does/VBZ n't/RB run/VB\nJohn/NNP 's/POS run/NN was/VBD fast/JJ"),
    ],
)
def test_an_english_word_is_tagged_by_what_stands_around_it(text: str, expected: str) -> None:
    assert shown(text, "en") == expected


def test_chinese_words_have_the_tags_of_jiebas_dictionary() -> None:
    assert (
        shown("这本书的内容还是不错的。\n他买了iPod", "zh") == "这/r 本书/r 的/uj 内容/n 还是/c 不错/a 的/uj 。/x\n他/r 买/v 了/ul iPod/eng"
    )


def test_a_sentence_is_tagged_by_itself() -> None:
    alone = shown("The old man sat down.", "en")
    assert shown("The old man sat down. Nobody asked why.", "en").startswith(alone)


def test_nothing_has_no_tags() -> None:
    assert shown("", "en") == ""
    assert shown("\n \n", "en") == "\n\n"
    assert shown("\n \n", "zh") == "\n\n"
