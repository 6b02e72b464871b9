from assay.data.cleaning.chinese import to_simplified


def test_traditional_text_becomes_simplified() -> None:
    assert to_simplified("這個問題發生在台灣，我們應該討論。") == "这个问题发生在台湾，我们应该讨论。"


def test_a_phrase_decides_where_a_character_alone_would_not() -> None:
    assert to_simplified("乾隆時代很乾燥，這是歷史。") == "乾隆时代很干燥，这是历史。"


def test_japanese_keeps_its_characters() -> None:
    text = "東京で電車を見ています。"
    assert to_simplified(text) == text


def test_simplified_and_latin_text_stay() -> None:
    for text in ("", "plain", "这是简体中文。", "Das ist größer."):
        assert to_simplified(text) == text


def test_twice_is_once() -> None:
    once = to_simplified("歷史學家們認為這個時期的經濟發展與後來不同。")
    assert to_simplified(once) == once
