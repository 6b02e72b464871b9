"""gensim's vectors of words: run by the Python of the peers, python word_vectors_peer.py '{"text": ..., ...}'. Prints one line of JSON.

The text has a document a line, of words with blanks between. One worker, so that CPU seconds are those of one kernel, as ours are.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from gensim.models import FastText, Word2Vec


def main(asked: dict[str, Any]) -> dict[str, Any]:
    documents = [line.split() for line in Path(asked["text"]).read_text(encoding="utf-8").splitlines()]
    kind, settings = (FastText, asked["fasttext"]) if "fasttext" in asked else (Word2Vec, {})
    model = kind(workers=1, min_count=1, **asked["settings"], **settings)
    model.build_vocab(documents)
    before = time.process_time()
    model.train(documents, total_examples=model.corpus_count, epochs=model.epochs)
    seconds = time.process_time() - before
    model.wv.save_word2vec_format(asked["vectors"])
    return {"words": model.corpus_total_words * model.epochs, "cpu_seconds": seconds, "vocabulary": len(model.wv)}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
