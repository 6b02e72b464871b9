"""The languages that can be told, and the scripts they are told by. No import, so that checking a config stays light."""

UNKNOWN, OTHER = "unknown", "other"
_LATIN = "en de fr es it pt nl pl id sv da no fi cs hu ro tr vi ca hr sk sl"
WORD_LANGUAGES = {
    "latin": tuple(_LATIN.split()),
    "cyrillic": ("ru", "uk", "bg"),
    "arabic": ("ar", "fa", "ur"),
}
"""Languages that share a script are told apart by their stop words."""
SCRIPT_LANGUAGES = {"greek": "el", "hebrew": "he", "thai": "th", "devanagari": "hi", "hangul": "ko", "kana": "ja"}
CHINESE = ("zh-Hans", "zh-Hant", "zh")
"""`zh` is Chinese in whose characters the two forms do not differ: a few words."""
LANGUAGES_WITH_WORDS = tuple(name for names in WORD_LANGUAGES.values() for name in names)
LANGUAGES = (UNKNOWN, OTHER, *LANGUAGES_WITH_WORDS, *SCRIPT_LANGUAGES.values(), *CHINESE)
"""A code of the kernel is a place in this tuple. BCP 47 names."""
SCRIPTS = ("none", "latin", "cyrillic", "arabic", "greek", "hebrew", "thai", "devanagari", "hangul", "kana", "han", "hans", "hant", "rest")
"""Scripts with words come first: the kernel looks up words of those up to `arabic`."""
