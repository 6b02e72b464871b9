"""datatrove's filters, MinHash and tokens over a folder of jsonl: run by the Python of the peers, python cleaning_peer.py IN TOKENIZER OUT."""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.filters import C4QualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.tokens import DocumentTokenizer
from datatrove.pipeline.writers import JsonlWriter


def main(source: str, tokenizer: str, out: str) -> None:
    place = Path(out)
    filters = [GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter()]
    kept, signatures, buckets, removed = (str(place / name) for name in ("kept", "signatures", "buckets", "removed"))
    minhash = MinhashDedupSignature(signatures)
    steps = (
        [JsonlReader(source), *filters, JsonlWriter(kept, compression=None)],
        [JsonlReader(kept), minhash],
        [MinhashDedupBuckets(signatures, buckets)],
        [MinhashDedupCluster(buckets, removed)],
        [JsonlReader(kept), MinhashDedupFilter(removed), DocumentTokenizer(str(place / "tokens"), tokenizer_name_or_path=tokenizer)],
    )
    for number, step in enumerate(steps):
        tasks = minhash.config.num_buckets if number == 2 else 1
        LocalPipelineExecutor(step, tasks=tasks, workers=1, logging_dir=str(place / f"logs{number}")).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
