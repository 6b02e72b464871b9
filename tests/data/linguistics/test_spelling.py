import pytest

from assay.data.linguistics.spelling import corrected


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("和儿子简直是一摸一样。", "和儿子简直是一模一样。"),
        ("服务员还在笑,兴灾乐祸的那种", "服务员还在笑,幸灾乐祸的那种"),
        ("我们将一如即往，以优质的服务", "我们将一如既往，以优质的服务"),
        ("外观大失所忘，前面", "外观大失所望，前面"),
    ],
)
def test_an_idiom_with_one_character_wrong_that_sounds_alike_is_corrected(wrong: str, right: str) -> None:
    assert corrected(wrong, "zh") == right


@pytest.mark.parametrize(
    "text",
    [
        "可惜不喜欢这种风格",  # 惜不喜欢 is no word of this sentence, though 喜不喜欢 is an idiom
        "简直不知道携程会选这家",
        "前台蛮横无礼。",  # two words of their own, beside 蛮横无理
        "这本书为成年人而写",  # 成年人 is a word, beside 未成年人
        "一模一样，名不虚传",
        "平时没有什么",
        "",
    ],
)
def test_what_is_no_misspelling_stays(text: str) -> None:
    assert corrected(text, "zh") == text


def test_english_words_are_corrected_in_texts_too_short_to_tell_their_language() -> None:
    assert corrected("aplogize for teh delay", "en") == "apologize for the delay"
