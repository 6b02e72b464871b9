"""Texts that make measuring hard: few different characters, so that repeats are frequent, and all kinds of blanks, ends and marks."""

from hypothesis import strategies as some

PIECES = (
    "a b the of word words Word don't it\u2019s U.S. e.g. 1,000.5 10:30 well-known COVID-19 a@b.c http://x.y/z snake_case # ## { } - -- \u2022 ... .... \u2026 . ! ? , ; "
    "\u4e2d \u6587 \u4e2d\u6587 \u3002 \uff0c \uff01 \u3042 \u30a2 \u0e44\u0e17\u0e22 e\u0301 \u00e9t\u00e9 \U0001f600 \u2764\ufe0f \u0905\u0915\u094d\u0937 \u0964 \u05d0 \u200d \ufeff \x00 \x85 \xa0 "
    "lorem ipsum Lorem LOREM javascript JavaScript cookies privacy policy terms use [1] [edit] <?xml auto-generated automatically generated edit do not"
).split(" ")
BLANKS = [
    " ",
    " ",
    " ",
    "  ",
    "\n",
    "\n",
    "\n\n",
    "\n\n\n",
    "\r\n",
    "\r",
    "\t",
    "\v",
    "\f",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\u3000",
    "\xa0",
    "",
]

hard_texts = some.lists(some.one_of(some.sampled_from(PIECES), some.sampled_from(BLANKS)), max_size=60).map("".join)
any_texts = some.text(some.characters(exclude_categories=["Cs"]), max_size=60)
texts = some.one_of(hard_texts, any_texts)
words = some.lists(some.sampled_from(["a", "b", "ab", "c.", "the", "\u4e2d", "...", "x1"]), max_size=60)
