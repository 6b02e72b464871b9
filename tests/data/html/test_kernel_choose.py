import numpy as np

from assay.data.html import kernel_scan as k
from assay.data.html.kernel_choose import MAIN_BYTES, choose, texts_of_pages
from assay.data.html.names import tables


def kept(*blocks: tuple[int, int, int]) -> list[bool]:
    """choose() for blocks of (bytes, kind, bytes in links)."""
    rows, start = np.zeros((len(blocks), k.BLOCK_FIELDS), np.int64), 0
    for row, (size, kind, linked) in zip(rows, blocks, strict=True):
        row[k.START], row[k.END], row[k.KIND], row[k.LINKED] = start, start + size, kind, linked
        start += size
    keep = np.zeros(len(blocks), np.bool_)
    choose(rows, keep)
    return [bool(one) for one in keep]


def test_a_main_part_is_believed_only_when_it_holds_text() -> None:
    assert kept((1000, 0, 0), (MAIN_BYTES, k.IS_MAIN, 0)) == [False, True]
    assert kept((1000, 0, 0), (MAIN_BYTES - 1, k.IS_MAIN, 0)) == [True, True]


def test_navigation_that_is_nearly_all_of_the_text_is_not_believed() -> None:
    assert kept((100, k.IS_BOILER, 0), (20, 0, 0)) == [False, True]
    assert kept((1000, k.IS_BOILER, 0), (20, 0, 0)) == [True, True]


def test_three_short_blocks_of_links_are_a_menu_and_two_are_not() -> None:
    link = (20, 0, 15)
    assert kept((500, 0, 0), link, link) == [True, True, True]
    assert kept((500, 0, 0), link, link, link) == [True, False, False, False]
    main = (20, k.IS_MAIN, 15)
    assert kept((500, k.IS_MAIN, 0), main, main, main, main) == [True] * 5
    assert kept((500, k.IS_MAIN, 0), main, main, main, main, main) == [True] + [False] * 5
    assert kept((500, 0, 0), link, (20, k.IS_HEADING, 20), link, link) == [True] * 5


def test_cut_anywhere_a_batch_of_pages_gives_the_same_texts() -> None:
    pages = b"<p>one</p><ul><li>two" * 50
    content = np.frombuffer(pages, np.uint8)
    whole = texts_of_pages(content, np.array([0, len(pages)]), tables())
    twice = texts_of_pages(content, np.array([0, len(pages), len(pages)]), tables())
    assert whole[0].tobytes() == twice[0].tobytes()
    assert twice[1].tolist() == [0, len(whole[0]), len(whole[0])]
