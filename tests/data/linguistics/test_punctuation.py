import pytest

from assay.data.linguistics.punctuation import normalised, removed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u201cDon\u2019t\u201d \u2014 she said\u2026", '"Don\'t" -- she said...'),
        ("really !!! Why ??", "really! Why?"),
        ("wait.... 3.5 or 1,000?", "wait... 3.5 or 1,000?"),
        ("a \u2013 b\u2010c", "a - b-c"),
        ("nothing to do.", "nothing to do."),
    ],
)
def test_english_marks_are_plain_and_none_stands_twice(text: str, expected: str) -> None:
    assert normalised(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("语言诙谐,但音标,所以看起来不是太好记.", "语言诙谐，但音标，所以看起来不是太好记。"),
        ("什么时候收到书????", "什么时候收到书？"),
        ("想退！！！", "想退！"),
        ("字都是倒着的....然后。。。影响心情", "字都是倒着的……然后……影响心情"),
        ("我订货有１０天了，只要3.5元", "我订货有10天了，只要 3.5 元"),
        ("第一行,\n第二行.", "第一行，\n第二行。"),
    ],
)
def test_chinese_marks_are_full_width_and_none_stands_twice(text: str, expected: str) -> None:
    assert normalised(text, "zh") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u201cDon't\u201d \u2014 a well-known (old) trick, 1,000 times!", "Don't a well-known old trick 1,000 times"),
        ("一点兴趣都没有。想退！（真的）", "一点兴趣都没有 想退 真的"),
        ("没有.举例", "没有 举例"),
        ("...", ""),
    ],
)
def test_marks_are_removed_but_inside_a_word(text: str, expected: str) -> None:
    assert removed(text) == expected


@pytest.mark.parametrize("text", ["好，好。", "It's fine, isn't it?", "3:0 大胜，16:9 屏幕"])
def test_normal_text_is_normal_the_second_time(text: str) -> None:
    for language in ("en", "zh"):
        once = normalised(text, language)
        assert normalised(once, language) == once
