"""JSONL to a TextBatch: our reader beside Python's json, orjson and pyarrow; the last two let repeated keys pass."""

import io
import json
import random
import time
from collections.abc import Callable
from typing import Any

MEGABYTES = 32
TURNS = 3
_WORDS = (
    "the of and to in is that was for on are with as his they at be this from have or by one had not but what all were when we there can"
)


def measure() -> dict[str, Any]:
    content = records()
    readers = {"ours": ours, "json": with_json, "orjson": with_orjson, "pyarrow.json, one thread": with_pyarrow}
    seconds = dict.fromkeys(readers, float("inf"))
    batches: dict[str, Any] = {}
    for _ in range(TURNS):
        for name, read in readers.items():
            started = time.process_time()
            batches[name] = read(content)
            seconds[name] = min(seconds[name], time.process_time() - started)
    for batch in batches.values():
        if batch.content.tobytes() != batches["json"].content.tobytes():
            raise SystemExit("the readers do not agree on the text")
    megabytes = len(content) / 1e6
    rows = [[name, f"{megabytes / seconds[name]:.0f}", f"{seconds['json'] / seconds[name]:.1f}"] for name in readers]
    return {
        "title": "JSONL to a text batch",
        "text": f"{megabytes:.0f} MB of records with an id, a text of 50 to 600 words and a nested field; half of the lines spell Chinese as "
        f"\\\\u escapes. All give the same bytes. CPU seconds: best of {TURNS} turns.",
        "columns": ["reader", "MB of JSONL per CPU-second", "times json"],
        "rows": rows,
    }


def records() -> bytes:
    chosen = random.Random(1)
    words, lines, size = _WORDS.split(), [], 0
    while size < MEGABYTES * 1e6:
        number = len(lines)
        text = " ".join(chosen.choices(words, k=chosen.randint(50, 600)))
        text += '\n"quoted" lines\n' * (3 * (number % 3 == 0)) + "\u4e2d\u6587\u5b57\u7b26" * (25 * (number % 5 == 0))
        record = {"id": number, "text": text, "meta": {"source": "x", "score": 0.5, "tags": ["a", "b"]}}
        lines.append(json.dumps(record, ensure_ascii=number % 2 == 0).encode())
        size += len(lines[-1]) + 1
    return b"\n".join(lines) + b"\n"


def ours(content: bytes) -> Any:
    from assay.data.batch import TextBatch
    from assay.data.reading.json_lines import read_jsonl
    from assay.data.schema import SourceSchema

    found = read_jsonl(content, 1, SourceSchema(folder="f"), "made here")
    return TextBatch.of(text for _, text in found if isinstance(text, str))


def with_json(content: bytes) -> Any:
    from assay.data.batch import TextBatch
    from assay.data.reading.json_lines import parse_json

    return TextBatch.of(parse_json(line.decode(), "made here")["text"] for line in content.split(b"\n") if line)


def with_orjson(content: bytes) -> Any:
    import orjson

    from assay.data.batch import TextBatch

    return TextBatch.of(orjson.loads(line)["text"] for line in content.split(b"\n") if line)


def with_pyarrow(content: bytes) -> Any:
    import pyarrow as arrow
    from pyarrow import json as arrow_json

    from assay.data.batch import TextBatch

    table: Callable[..., Any] = arrow_json.read_json
    options = arrow_json.ParseOptions(explicit_schema=arrow.schema([("text", arrow.string())]), unexpected_field_behavior="ignore")
    read = table(io.BytesIO(content), read_options=arrow_json.ReadOptions(use_threads=False), parse_options=options)
    return TextBatch.from_arrow(read["text"].combine_chunks())
