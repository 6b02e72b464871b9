"""Machine operations of compiled passes that Numba does not offer."""

import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def _eight_bytes(typing: Any, content: Any, place: Any) -> Any:
    """content[place : place + 8] as one uint64, wherever it lies, the first byte lowest. The caller has checked the length."""

    def read(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(array.data, [arguments[1]])
        word = builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()))
        word.align = 1
        return word if sys.byteorder == "little" else builder.bswap(word)

    return types.uint64(content, types.intp), read


def _borrowed(typing: Any, array: Any) -> Any:
    """The same array without its reference count, for as long as the caller holds it.

    Handing an array to a function that is not inlined counts a reference up and down, which costs more than hashing a word. An array that
    was made in the same function is let go at its last use: use it again behind the loop.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        held.meminfo = held.meminfo.type(None)
        return held._getvalue()

    return array(array), code


eight_bytes: Any = intrinsic(_eight_bytes)
borrowed: Any = intrinsic(_borrowed)
