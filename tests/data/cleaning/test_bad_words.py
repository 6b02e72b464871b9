"""The lists themselves are not repeated here: entries are taken from them."""

from assay.data.cleaning.bad_words import count_bad_words, listed

ENGLISH = next(word for word in listed("en") if word.isalpha() and len(word) == 5)
CHINESE = next(word for word in listed("zh") if len(word) == 3 and not any(letter.isascii() for letter in word))


def test_a_listed_word_is_counted_in_any_case_and_beside_punctuation() -> None:
    assert count_bad_words(f"so {ENGLISH}, {ENGLISH.upper()}! {ENGLISH}") == 3


def test_part_of_a_longer_word_is_none() -> None:
    assert count_bad_words(f"x{ENGLISH} {ENGLISH}x {ENGLISH}_") == 0


def test_chinese_needs_no_blanks_and_english_may_stand_beside_it() -> None:
    assert count_bad_words(f"我说{CHINESE}了") >= 1
    assert count_bad_words(f"我说{ENGLISH}了") == 1


def test_ordinary_chinese_is_kept() -> None:
    """Entries of one character are parts of common words: 性 in 可能性, 奶 in 牛奶."""
    assert count_bad_words("这种可能性不大，请喝牛奶，不要逼他。") == 0
    assert all(len(word) > 1 for word in listed("zh"))
