import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.width import usual_width


@pytest.mark.parametrize(
    ("text", "letters", "every"),
    [
        ("ＡＢＣａｂｃ１２３", "ABCabc123", "ABCabc123"),
        ("你好，世界！", "你好，世界！", "你好,世界!"),
        ("全\u3000角", "全\u3000角", "全 角"),
        ("ｶﾞｷﾞ", "ガギ", "ガギ"),
        ("plain", "plain", "plain"),
    ],
)
def test_forms_become_usual(text: str, letters: str, every: str) -> None:
    assert usual_width(text, "letters") == letters
    assert usual_width(text, "all") == every


@given(st.text())
def test_twice_is_once(text: str) -> None:
    for which in ("letters", "all"):
        once = usual_width(text, which)  # type: ignore[arg-type]
        assert usual_width(once, which) == once  # type: ignore[arg-type]
