from assay.data.linguistics.stems import stemmed, without_stop_words
from assay.data.linguistics.words import lines_of, text_of


def test_inflected_english_words_share_a_stem_in_lower_case() -> None:
    lines = lines_of("Connected connections CONNECTING the dogs, don't", "en")
    assert text_of(stemmed(lines), divided=False) == "connect connect connect the dog, don't"


def test_of_chinese_text_the_english_words_are_stemmed() -> None:
    assert text_of(stemmed(lines_of("买了两个iPods", "zh")), divided=False) == "买了两个ipod"


def test_stop_words_go_with_the_blank_behind_them() -> None:
    assert text_of(without_stop_words(lines_of("The cathedral and the bridge", "en"), "en"), divided=False) == "cathedral bridge"
    assert text_of(without_stop_words(lines_of("这本书的内容还是不错的。", "zh"), "zh"), divided=False) == "本书内容不错"


def test_no_part_of_a_word_is_a_stop_word() -> None:
    """的 is one, 的士 is a taxi."""
    assert text_of(without_stop_words(lines_of("打的士", "zh"), "zh"), divided=True) == "的士"
