"""One pass over the bytes of a page: tags, hidden parts and characters become blocks of text. No tree is built, so nothing can be too deep
for it, and each byte is looked at a bounded number of times, whatever the page holds.

`content` uint8, a page up to `end`; `out` uint8, the text so far; `state` int64, the fields below; `stack` int64 (DEPTH_LIMIT, 3), of an
open element its name, flags and effects (of a list the number of its last item); `blocks` int64 (N, 7), see START to DEPTH_OF_LIST.

Not cached by itself: see kernel_choose.py.
"""

from typing import Any

from assay.data.html.kernel_characters import Tables, find, hash_of, is_blank, is_letter, put_entity, slot_of
from assay.data.kernel_cache import njit

DEPTH_LIMIT = 256
"""Of open elements. Pages of people stay below 60; a parser that keeps a tree loses or repeats what is deeper, without a word."""

# What a tag is.
VOID, BLOCK, HIDE, RAW, BOILER_TAG, MAIN_TAG, PRE, HEADING = 1, 2, 4, 8, 16, 32, 64, 128
PARAGRAPH_TAG, ITEM, CELL_TAG, ROW, LIST, TITLE, LINK, BREAK = 256, 512, 1024, 2048, 4096, 8192, 2**14, 2**15
ORDERED, TOP_HEADING, HEADER, TERM, TABLE, ROOT, CLOSED_BY_BLOCK = 2**16, 2**17, 2**18, 2**19, 2**20, 2**21, 2**22
# What an attribute is, and what its words say.
OF_CLASS, OF_ROLE, OF_HIDDEN, OF_STYLE, OF_ARIA = 1, 2, 3, 4, 5
SAYS_BOILER, SAYS_MAIN, SAYS_HIDE, SAYS_NOT, SAYS_DISPLAY, SAYS_NONE, SAYS_VISIBILITY, SAYS_HIDDEN = 1, 2, 4, 8, 16, 32, 64, 128
# Fields of the state: counts of open elements of a kind, and the block that is being written.
OUT, BLOCK_START, BLOCKS, DEPTH, STATUS, SPACE, HIDDEN, BOILER, MAIN = range(9)
IN_PRE, IN_LINK, IN_HEADING, IN_TOP, LINK_BYTES, BETWEEN, BULLET, CELLS, HINTS, HAS_TITLE, LISTS = range(9, 20)
STATE_FIELDS = 20
# Fields of a block; what stands before it (of two, the larger); what it is.
START, END, BEFORE, KIND, LINKED, MARK, DEPTH_OF_LIST = range(7)
BLOCK_FIELDS = 7
NOTHING, LINE, PARAGRAPH, CELL = range(4)
IS_BOILER, IS_MAIN, IS_HEADING, IS_TOP, IS_PRE, IS_TITLE = 1, 2, 4, 8, 16, 32
MAKES_HIDDEN, MAKES_BOILER, MAKES_MAIN = 1, 2, 4
TOO_DEEP = 1


@njit(nogil=True)
def put_text(content: Any, place: int, end: int, tables: Tables, state: Any, out: Any) -> int:
    """Write the text up to the next tag; runs of blanks become one, but not in <pre>."""
    if state[HIDDEN] > 0:
        return find(content, place, end, 60)
    at, space, pre = state[OUT], state[SPACE], state[IN_PRE] > 0
    first = at
    while place < end and content[place] != 60:
        byte = content[place]
        if byte <= 32 and not (pre and (byte == 32 or byte == 10 or byte == 9)):
            space |= not pre
            place += 1
            continue
        if space:
            if at > state[BLOCK_START] and out[at - 1] != 10:
                out[at] = 32
                at += 1
            space = 0
        if byte == 38:
            place, after = put_entity(content, place, end, tables, out, at)
        else:
            out[at] = byte
            after = at + 1
            place += 1
        if not pre and after >= 2 + first and out[after - 2] == 0xC2 and out[after - 1] == 0xA0:  # a blank that may not end a line
            after = max(first, after - 2)
            after -= after > first and out[after - 1] == 32
            space = 1
        at = after
    if state[IN_LINK] > 0:
        state[LINK_BYTES] += at - first
    state[OUT], state[SPACE] = at, space
    return place


@njit(nogil=True)
def end_block(state: Any, out: Any, blocks: Any, kind: int) -> None:
    """What was written since the last block ended is a block, unless it is blank."""
    start, end = state[BLOCK_START], state[OUT]
    while end > start and is_blank(out[end - 1]):
        end -= 1
    while start < end and (out[start] == 10 or (state[IN_PRE] == 0 and is_blank(out[start]))):
        start += 1
    if end > start:
        kind |= (IS_BOILER if state[BOILER] > 0 else 0) | (IS_MAIN if state[MAIN] > 0 else 0)
        kind |= (IS_HEADING if state[IN_HEADING] > 0 else 0) | (IS_TOP if state[IN_TOP] > 0 else 0)
        kind |= IS_PRE if state[IN_PRE] > 0 else 0
        block = blocks[state[BLOCKS]]
        block[START], block[END], block[BEFORE], block[KIND] = start, end, state[BETWEEN], kind
        block[LINKED], block[MARK], block[DEPTH_OF_LIST] = state[LINK_BYTES], state[BULLET], state[LISTS]
        state[BLOCKS] += 1
        state[BETWEEN] = state[BULLET] = 0
        state[OUT] = end
    else:
        state[OUT] = state[BLOCK_START]
    state[BLOCK_START] = state[OUT]
    state[SPACE] = state[LINK_BYTES] = 0


# --- elements ---


@njit(nogil=True)
def count_element(state: Any, flags: int, effects: int, step: int) -> None:
    state[HIDDEN] += step if effects & MAKES_HIDDEN else 0
    state[BOILER] += step if effects & MAKES_BOILER else 0
    state[MAIN] += step if effects & MAKES_MAIN else 0
    state[IN_PRE] += step if flags & PRE else 0
    state[IN_LINK] += step if flags & LINK else 0
    state[IN_HEADING] += step if flags & HEADING else 0
    state[IN_TOP] += step if flags & TOP_HEADING else 0
    state[LISTS] += step if flags & LIST else 0


@njit(nogil=True)
def set_apart(state: Any, flags: int) -> None:
    """A block element begins or ends here, the block before it has ended."""
    if flags & ROW:
        state[CELLS] = 0
        state[BETWEEN] = LINE if state[BETWEEN] == CELL else state[BETWEEN]
    state[BETWEEN] = max(state[BETWEEN], PARAGRAPH if flags & PARAGRAPH_TAG or (flags & LIST and state[LISTS] == 0) else LINE)


@njit(nogil=True)
def close_above(depth: int, state: Any, stack: Any, out: Any, blocks: Any) -> None:
    """Close elements until `depth` are open."""
    while state[DEPTH] > depth:
        element = stack[state[DEPTH] - 1]
        if element[1] & BLOCK:
            end_block(state, out, blocks, 0)
        count_element(state, element[1], element[2], -1)
        if element[1] & BLOCK:
            set_apart(state, element[1])
        state[DEPTH] -= 1


@njit(nogil=True)
def nearest(stack: Any, depth: int, wanted: int, limits: int) -> int:
    """Place of the innermost open element with one of the flags `wanted`, inside the nearest with one of `limits`; -1 for none."""
    for place in range(depth - 1, -1, -1):
        if stack[place, 1] & wanted:
            return place
        if stack[place, 1] & limits:
            break
    return -1


@njit(nogil=True)
def close_implied(flags: int, state: Any, stack: Any, out: Any, blocks: Any) -> None:
    """End tags that HTML lets a writer leave out: a list item ends where the next begins."""
    place = nearest(stack, state[DEPTH], CLOSED_BY_BLOCK, BLOCK)
    if place >= 0:
        close_above(place, state, stack, out, blocks)
    for wanted, limits in ((ITEM, LIST | TABLE), (TERM, LIST | TABLE), (CELL_TAG, TABLE), (ROW, TABLE)):
        if flags & wanted or (wanted == CELL_TAG and flags & ROW):
            place = nearest(stack, state[DEPTH], wanted, limits)
            if place >= 0:
                close_above(place, state, stack, out, blocks)


@njit(nogil=True)
def effects_of(flags: int, state: Any) -> int:
    hints = state[HINTS]
    effects = MAKES_HIDDEN if flags & HIDE or hints & SAYS_HIDE else 0
    if flags & BLOCK:
        named = hints & SAYS_BOILER and not flags & (ROOT | HEADING)
        if flags & BOILER_TAG or named or (flags & HEADER and state[MAIN] == 0):
            effects |= MAKES_BOILER
        elif flags & MAIN_TAG or hints & SAYS_MAIN:
            effects |= MAKES_MAIN
    return effects


@njit(nogil=True)
def open_element(name: int, flags: int, state: Any, stack: Any, out: Any, blocks: Any) -> None:
    if flags & BREAK and state[HIDDEN] == 0:
        out[state[OUT]] = 10
        state[OUT] += 1
        state[SPACE] = 0
    if flags & BLOCK:
        close_implied(flags, state, stack, out, blocks)
        end_block(state, out, blocks, 0)
        set_apart(state, flags)
    if flags & LINK:
        place = nearest(stack, state[DEPTH], LINK, BLOCK)
        if place >= 0:
            close_above(place, state, stack, out, blocks)
    if flags & VOID:
        return
    if state[DEPTH] == DEPTH_LIMIT:
        state[STATUS] = TOO_DEEP
        return
    if flags & CELL_TAG:
        state[BETWEEN] = CELL if state[CELLS] > 0 else state[BETWEEN]
        state[CELLS] += 1
    if flags & ITEM:
        place = nearest(stack, state[DEPTH], LIST, TABLE)
        state[BULLET] = -1
        if place >= 0 and stack[place, 1] & ORDERED:
            stack[place, 2] += 8
            state[BULLET] = stack[place, 2] >> 3
    effects = effects_of(flags, state)
    stack[state[DEPTH], 0], stack[state[DEPTH], 1], stack[state[DEPTH], 2] = name, flags, effects
    state[DEPTH] += 1
    count_element(state, flags, effects, 1)


@njit(nogil=True)
def close_element(name: int, flags: int, state: Any, stack: Any, out: Any, blocks: Any) -> None:
    """Close the innermost element of that name. An end tag without its start closes nothing, nor does </b> close the block around it."""
    for place in range(state[DEPTH] - 1, -1, -1):
        if stack[place, 0] == name:
            close_above(place, state, stack, out, blocks)
            return
        if (not flags & (BLOCK | HIDE) and stack[place, 1] & BLOCK) or stack[place, 1] & TABLE:
            return


# --- tags ---


@njit(nogil=True)
def hints_of(content: Any, start: int, end: int, kind: int, tables: Tables) -> int:
    """What the words of an attribute's value say about its element."""
    if kind == OF_HIDDEN:
        return SAYS_HIDE
    if kind == OF_ARIA:
        return SAYS_HIDE if end - start == 4 and content[start] | 32 == 116 else 0
    said, before, place = 0, 0, start
    while place < end:
        first = place
        while place < end and (is_letter(content[place]) or 48 <= content[place] <= 57):
            place += 1
        if place > first:
            slot = slot_of(tables.hints, hash_of(content, first, place, True))
            word = tables.hint_flags[slot] if slot >= 0 else 0
            if kind == OF_STYLE:
                said |= (
                    SAYS_HIDE if (before & SAYS_DISPLAY and word & SAYS_NONE) or (before & SAYS_VISIBILITY and word & SAYS_HIDDEN) else 0
                )
            elif not before & SAYS_NOT:
                said |= word & (SAYS_BOILER | SAYS_MAIN | SAYS_HIDE)
            before = word
        else:
            place += 1
    return said


@njit(nogil=True)
def read_attributes(content: Any, place: int, end: int, tables: Tables, state: Any) -> int:
    """Position after the > of a tag, or -1 where the page ends first. Sets HINTS."""
    state[HINTS] = 0
    while place < end:
        byte = content[place]
        if byte == 62:
            return place + 1
        if is_blank(byte) or byte == 47:
            place += 1
            continue
        name = place
        place += 1
        while place < end and not is_blank(content[place]) and content[place] != 47 and content[place] != 61 and content[place] != 62:
            place += 1
        slot = slot_of(tables.attributes, hash_of(content, name, place, True)) if place - name < 16 else -1
        while place < end and is_blank(content[place]):
            place += 1
        value = stop = place
        if place < end and content[place] == 61:
            place += 1
            while place < end and is_blank(content[place]):
                place += 1
            value = place
            if place < end and (content[place] == 34 or content[place] == 39):
                value += 1
                stop = find(content, value, end, content[place])
                place = stop + 1
            else:
                while place < end and not is_blank(content[place]) and content[place] != 62:
                    place += 1
                stop = place
        if slot >= 0 and stop <= end:
            state[HINTS] |= hints_of(content, value, stop, tables.attribute_kinds[slot], tables)
    return -1


@njit(nogil=True)
def find_end_tag(content: Any, place: int, end: int, name: int, size: int) -> int:
    """Position of the </name of an element whose content is no HTML, or the page's end."""
    while place < end:
        place = find(content, place, end, 60)
        if place + 2 + size <= end and content[place + 1] == 47 and hash_of(content, place + 2, place + 2 + size, True) == name:
            return place
        place += 1
    return end


@njit(nogil=True)
def skip_declaration(content: Any, place: int, end: int) -> int:
    """Past a comment or a <!...> at `place`; one that is not closed takes the rest of the page."""
    if place + 3 < end and content[place + 1] == 33 and content[place + 2] == 45 and content[place + 3] == 45:
        place += 4
        while place < end and not (content[place] == 62 and content[place - 1] == 45 and content[place - 2] == 45):
            place += 1
        return min(place + 1, end)
    return min(find(content, place, end, 62) + 1, end)


@njit(nogil=True)
def read_tag(content: Any, place: int, end: int, tables: Tables, state: Any, stack: Any, out: Any, blocks: Any) -> int:
    """Act on the tag at `place`, a <; return the position after it."""
    closes = place + 1 < end and content[place + 1] == 47
    first = place + 1 + closes
    if first >= end or not is_letter(content[first]):
        if closes or (first < end and (content[first] == 33 or content[first] == 63)):
            return skip_declaration(content, place, end)
        if state[HIDDEN] == 0:
            if state[SPACE] and state[OUT] > state[BLOCK_START]:
                out[state[OUT]] = 32
                state[OUT] += 1
            out[state[OUT]] = 60
            state[OUT] += 1
            state[SPACE] = 0
        return place + 1
    last = first
    while last < end and not is_blank(content[last]) and content[last] != 47 and content[last] != 62:
        last += 1
    name = hash_of(content, first, last, True)
    slot = slot_of(tables.tags, name)
    flags = tables.tag_flags[slot] if slot >= 0 else 0
    place = read_attributes(content, last, end, tables, state)
    if place < 0:
        return end
    if closes:
        close_element(name, flags, state, stack, out, blocks)
    elif flags & RAW:
        stop = find_end_tag(content, place, end, name, last - first)
        if flags & TITLE and state[HAS_TITLE] == 0 and state[HIDDEN] == 0:
            end_block(state, out, blocks, 0)
            put_text(content, place, stop, tables, state, out)
            state[HAS_TITLE] = state[OUT] > state[BLOCK_START]
            end_block(state, out, blocks, IS_TITLE)
        place = stop
    else:
        open_element(name, flags, state, stack, out, blocks)
    return place


@njit(nogil=True)
def scan(content: Any, place: int, end: int, tables: Tables, state: Any, stack: Any, out: Any, blocks: Any) -> None:
    """Fill `blocks` and `out` from one page. state[STATUS] is TOO_DEEP where the page was given up."""
    state[:] = 0
    while place < end and state[STATUS] == 0:
        place = (
            read_tag(content, place, end, tables, state, stack, out, blocks)
            if content[place] == 60
            else put_text(content, place, end, tables, state, out)
        )
    end_block(state, out, blocks, 0)
