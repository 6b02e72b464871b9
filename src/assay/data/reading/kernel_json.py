"""JSONL in one compiled pass: lines that are surely records of text are copied out, all others are left to the strict reader.

So whatever is unusual (a repeated key, half a surrogate pair, a number of thousands of digits, NaN, deep nesting) needs no rule here: a line
is accepted only where the strict reader would accept it and give the same text.

`content` uint8, well-formed UTF-8; `names` uint8, the wanted fields one after the other, name i ending at `name_ends[i]`; `spans` int64
(F, 2), where in `content` the string of a field lies, -1 for none; `keys` int64, hashes of the keys of the objects that are open.
"""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit

KEYS_LIMIT = 256
"""In open objects at once."""
DEPTH_LIMIT = 32
DIGITS_LIMIT = 4000
"""Python refuses to read integers of more than 4,300."""
NO = -1
_KEY, _KEY_OR_END, _VALUE, _VALUE_OR_END, _AFTER = range(5)
_OFFSET, _PRIME = np.int64(-3750763034362895579), np.int64(1099511628211)


@njit(cache=True, nogil=True)
def skip_blanks(content: Any, place: int, end: int) -> int:
    while place < end and (content[place] == 32 or content[place] == 9):
        place += 1
    return place


@njit(cache=True, nogil=True)
def hex_value(content: Any, place: int, end: int) -> int:
    """Of four digits, or NO."""
    if place + 4 > end:
        return NO
    value = 0
    for step in range(4):
        byte = np.int64(content[place + step])
        digit = int(byte - 48 if 48 <= byte <= 57 else (byte | 32) - 87 if 97 <= (byte | 32) <= 102 else NO)
        if digit < 0:
            return NO
        value = value * 16 + digit
    return value


@njit(cache=True, nogil=True)
def end_of_string(content: Any, place: int, end: int) -> int:
    """Position of the quote that ends a string, or NO."""
    while place < end:
        byte = content[place]
        if byte == 34:
            return place
        if byte < 32:
            return NO
        if byte == 92:
            place += 1
            if place >= end:
                return NO
            sign = content[place]
            if sign == 117:
                if hex_value(content, place + 1, end) < 0:
                    return NO
                place += 4
            elif sign not in (34, 92, 47, 98, 102, 110, 114, 116):
                return NO
        place += 1
    return NO


@njit(cache=True, nogil=True)
def digits(content: Any, place: int, end: int) -> int:
    """Position after a run of digits, or NO where there is none or too many."""
    first = place
    while place < end and 48 <= content[place] <= 57:
        place += 1
    return place if first < place < first + DIGITS_LIMIT else NO


@njit(cache=True, nogil=True)
def end_of_number(content: Any, place: int, end: int) -> int:
    place += content[place] == 45
    zero = place < end and content[place] == 48
    first = place
    place = digits(content, place, end)
    if place < 0 or (zero and place > first + 1):
        return NO
    if place < end and content[place] == 46:
        place = digits(content, place + 1, end)
        if place < 0:
            return NO
    if place < end and content[place] | 32 == 101:
        place += 1
        place += place < end and (content[place] == 43 or content[place] == 45)
        place = digits(content, place, end)
    return place


@njit(cache=True, nogil=True)
def end_of_word(content: Any, place: int, end: int) -> int:
    """Position after true, false or null, or NO."""
    for word in (b"true", b"false", b"null"):
        size = len(word)
        if place + size <= end:
            same = True
            for step in range(size):
                same = same and content[place + step] == word[step]
            if same:
                return place + size
    return NO


@njit(cache=True, nogil=True)
def field_of(content: Any, start: int, end: int, names: Any, name_ends: Any) -> int:
    """Which wanted field a key names, or NO."""
    first = 0
    for number in range(len(name_ends)):
        if name_ends[number] - first == end - start:
            same = True
            for step in range(end - start):
                same = same and content[start + step] == names[first + step]
            if same:
                return number
        first = name_ends[number]
    return NO


@njit(cache=True, nogil=True)
def read_key(content: Any, start: int, stop: int, keys: Any, first: int, count: int) -> bool:
    """Remember a key of the object whose keys begin at `first`; False for one with escapes, or that may be there already."""
    found = _OFFSET
    for place in range(start, stop):
        if content[place] == 92:
            return False
        found = (found ^ np.int64(content[place])) * _PRIME
    for known in range(first, count):
        if keys[known] == found:
            return False
    keys[count] = found
    return True


@njit(cache=True, nogil=True)
def end_of_scalar(content: Any, place: int, end: int) -> int:
    byte = content[place]
    if byte == 34:
        stop = end_of_string(content, place + 1, end)
        return stop + 1 if stop >= 0 else NO
    if byte == 45 or 48 <= byte <= 57:
        return end_of_number(content, place, end)
    return end_of_word(content, place, end)


@njit(cache=True, nogil=True)
def read_object(content: Any, place: int, end: int, names: Any, name_ends: Any, spans: Any, keys: Any, opened: Any) -> int:
    """Position after the object at `place`, its wanted strings in `spans`; NO for all that is not plain."""
    depth, count, mode, field = 0, 0, _VALUE, NO
    spans[:] = NO
    while True:
        place = skip_blanks(content, place, end)
        if place >= end:
            return NO
        byte = content[place]
        if (byte == 125 and (mode in (_AFTER, _KEY_OR_END)) and opened[depth - 1] >= 0) or (
            byte == 93 and (mode in (_AFTER, _VALUE_OR_END)) and opened[depth - 1] < 0
        ):
            depth -= 1
            count = opened[depth] if byte == 125 else count
            place, mode = place + 1, _AFTER
            if depth == 0:
                return place
        elif mode == _AFTER:
            if byte != 44:
                return NO
            place, mode = place + 1, _KEY if opened[depth - 1] >= 0 else _VALUE
        elif mode in (_KEY, _KEY_OR_END):
            stop = end_of_string(content, place + 1, end) if byte == 34 else NO
            if stop < 0 or count == KEYS_LIMIT or not read_key(content, place + 1, stop, keys, opened[depth - 1], count):
                return NO
            count += 1
            field = field_of(content, place + 1, stop, names, name_ends) if depth == 1 else NO
            place = skip_blanks(content, stop + 1, end)
            if place >= end or content[place] != 58:
                return NO
            place, mode = place + 1, _VALUE
        elif byte == 123 or byte == 91:
            if depth == DEPTH_LIMIT or field >= 0 or (depth == 0 and byte == 91):
                return NO
            opened[depth] = count if byte == 123 else NO
            depth += 1
            place, mode = place + 1, _KEY_OR_END if byte == 123 else _VALUE_OR_END
        else:
            stop = end_of_scalar(content, place, end) if depth > 0 else NO
            if stop < 0 or (field >= 0 and byte != 34 and byte != 110):  # a text that is a number, true or false
                return NO
            if field >= 0 and byte == 34:
                spans[field, 0], spans[field, 1] = place + 1, stop - 1
            place, mode, field = stop, _AFTER, NO


@njit(cache=True, nogil=True)
def put_escape(content: Any, place: int, stop: int, out: Any, at: int) -> tuple[int, int]:
    """Write what the escape at `place`, a backslash, stands for. Returns both new positions; NO for half a surrogate pair."""
    sign = content[place + 1]
    if sign != 117:
        out[at] = 8 if sign == 98 else 12 if sign == 102 else 10 if sign == 110 else 13 if sign == 114 else 9 if sign == 116 else sign
        return place + 2, at + 1
    point = hex_value(content, place + 2, stop)
    place += 6
    if 0xD800 <= point < 0xE000:
        low = hex_value(content, place + 2, stop) if place + 6 <= stop and content[place] == 92 and content[place + 1] == 117 else NO
        if point >= 0xDC00 or not 0xDC00 <= low < 0xE000:
            return NO, at
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00)
        place += 6
    if point < 0x80:
        out[at] = point
        return place, at + 1
    count = 1 if point < 0x800 else 2 if point < 0x10000 else 3
    out[at] = (0xC0 if count == 1 else 0xE0 if count == 2 else 0xF0) | point >> (6 * count)
    for step in range(count):
        out[at + 1 + step] = 0x80 | (point >> (6 * (count - 1 - step))) & 0x3F
    return place, at + count + 1


@njit(cache=True, nogil=True)
def put_string(content: Any, place: int, stop: int, out: Any, at: int) -> int:
    """Append a string with its escapes undone; NO for half a surrogate pair."""
    while place < stop:
        byte = content[place]
        if byte == 92:
            place, at = put_escape(content, place, stop, out, at)
            if place < 0:
                return NO
        else:
            out[at] = byte
            at += 1
            place += 1
    return at


@njit(cache=True, nogil=True)
def put_record(content: Any, spans: Any, joined: bool, out: Any, at: int, ends: Any, count: int) -> int:
    """Write a record's texts, one for all fields or one each, and where they end; NO where the strict reader must look at it."""
    present = 0
    for field in range(len(spans)):
        if spans[field, 0] < 0:
            if not joined:
                return NO
            continue
        if joined and present:
            out[at] = 10
            at += 1
        at = put_string(content, spans[field, 0], spans[field, 1], out, at)
        if at < 0:
            return NO
        present += 1
        ends[count if joined else count + field] = at
    return at if present else NO


@njit(cache=True, nogil=True)
def read_lines(content: Any, names: Any, name_ends: Any, joined: bool) -> tuple[Any, Any, Any, Any]:
    """(texts uint8, where each ends int64, its line int64 from 0, lines left over int64 (N, 4): start, end, line, texts before it)."""
    end, per_line = len(content), 1 if joined else len(name_ends)
    lines = 1
    for place in range(end):
        lines += content[place] == 10 or content[place] == 13
    out = np.empty(end + 1, dtype=np.uint8)
    ends, numbers = np.empty(lines * per_line, dtype=np.int64), np.empty(lines * per_line, dtype=np.int64)
    left = np.empty((lines, 4), dtype=np.int64)
    spans, keys, opened = np.empty((len(name_ends), 2), np.int64), np.empty(KEYS_LIMIT, np.int64), np.empty(DEPTH_LIMIT, np.int64)
    place = line = at = count = left_count = 0
    while place < end:
        start = place
        place = skip_blanks(content, place, end)
        if place < end and content[place] != 10 and content[place] != 13:
            after = NO
            if content[place] == 123:
                after = read_object(content, place, end, names, name_ends, spans, keys, opened)
                after = skip_blanks(content, after, end) if after >= 0 else NO
            plain = after >= 0 and (after == end or content[after] == 10 or content[after] == 13)
            written = put_record(content, spans, joined, out, at, ends, count) if plain else NO
            if written >= 0:
                at, place = written, after
                numbers[count : count + per_line] = line
                count += per_line
            else:
                while place < end and content[place] != 10 and content[place] != 13:
                    place += 1
                left[left_count, 0], left[left_count, 1], left[left_count, 2], left[left_count, 3] = start, place, line, count
                left_count += 1
        if place < end:
            place += 2 if content[place] == 13 and place + 1 < end and content[place + 1] == 10 else 1
        line += 1
    return out[:at], ends[:count], numbers[:count], left[:left_count]
