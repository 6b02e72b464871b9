"""datatrove's quality filters on a jsonl file: run by the Python of the peers, python quality_peer.py DOCUMENTS RESULTS.

A document is {"id", "language": en, zh or code, "text"}. Each filter sees the text as it came; the result has the reason it gave, null for
kept, and the text that C4's filter left. The last line says the CPU seconds of the filters by language.
"""

import json
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.utils.text import split_into_words

CODES = {"en": "eng_Latn", "code": "eng_Latn", "zh": "zho_Hani"}
FILTERS = {"repetition": GopherRepetitionFilter, "gopher": GopherQualityFilter, "c4": C4QualityFilter, "fineweb": FineWebQualityFilter}


def main(documents: Path, results: Path) -> None:
    filters = {code: {name: make(language=code) for name, make in FILTERS.items()} for code in set(CODES.values())}
    for code in filters:
        split_into_words("loads the tokenizer: \u4e2d\u6587", code)
    seconds: dict[str, float] = {}
    with documents.open(encoding="utf-8") as lines, results.open("w", encoding="utf-8") as out:
        for line in lines:
            record = json.loads(line)
            started = time.process_time()
            result = judged(record["text"], filters[CODES[record["language"]]])
            seconds[record["language"]] = seconds.get(record["language"], 0.0) + time.process_time() - started
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
        out.write(json.dumps({"cpu_seconds": seconds}) + "\n")


def judged(text: str, filters: dict[str, object]) -> dict[str, str | None]:
    result: dict[str, str | None] = {}
    for name, each in filters.items():
        document = Document(text=text, id="")
        try:
            found = each.filter(document)
        except ZeroDivisionError:  # a text without words
            found = (False, "zero_division")
        result[name] = None if found is True else found[1]
        if name == "c4" and found is True:
            result["c4_text"] = document.text
    return result


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
