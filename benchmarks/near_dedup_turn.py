"""One turn of near dedup over texts in a JSON file: python near_dedup_turn.py ours|datatrove TEXTS; prints a line of JSON.

CPU seconds are of the work alone, after imports. Run by near_dedup.py, the second form with the Python of another environment.
"""

import json
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TURN_SECONDS = 0.5
"""Our signatures are made again until this much CPU time has passed: a few megabytes alone take too little to be measured."""


def ours(texts: list[str]) -> dict[str, Any]:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
    import numpy as np

    from assay.data.batch import TextBatch
    from assay.data.near.clusters import clusters
    from assay.data.near.contamination import contaminated, ngram_index
    from assay.data.near.settings import DecontaminationSettings, NearDedupSettings
    from assay.data.near.signatures import signatures

    settings = NearDedupSettings()
    batch = TextBatch.of(texts)
    signing, signed = timed(lambda: signatures(batch, settings.shingles, settings.permutations, 0))
    start = time.process_time()
    found = clusters(
        signed, np.arange(len(texts)), np.diff(batch.offsets), lambda rows: TextBatch.of([texts[row] for row in rows]), settings, 0
    )
    clustering = time.process_time() - start
    index = ngram_index(TextBatch.of(texts[::10]), DecontaminationSettings())
    looking, _ = timed(lambda: contaminated(batch, index))
    return {
        "signature_seconds": signing,
        "cluster_seconds": clustering,
        "contamination_seconds": looking,
        "representative": found.representative.tolist(),
        "group": found.group.tolist(),
        "counted_pairs": found.counted_pairs,
    }


def timed(work: Any) -> tuple[float, Any]:
    start, times = time.process_time(), 0
    while time.process_time() - start < TURN_SECONDS:
        result = work()
        times += 1
    return (time.process_time() - start) / times, result


def datatrove(texts: list[str]) -> dict[str, Any]:
    """Signature, Buckets and Cluster with their defaults: 5 words, 14 bands of 8, no count of the true similarity."""
    from datatrove.data import Document
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature
    from loguru import logger

    logger.remove()
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as name:
        one, two, three = (f"{name}/{part}" for part in ("signatures", "buckets", "clusters"))
        step = MinhashDedupSignature(one)
        step.get_shingles("The tokenizer is loaded by its first use.")
        start = time.process_time()
        step.run(iter(documents))
        signed = time.process_time()
        buckets = MinhashDedupBuckets(one, two)
        for bucket in range(buckets.config.num_buckets):
            buckets.run(None, bucket, buckets.config.num_buckets)
        MinhashDedupCluster(two, three, save_cluster_id=True).run()
        end = time.process_time()
        path = Path(three)
        removed = {number for (number,) in struct.iter_unpack("<I", (path / "000000.remove").read_bytes())}
        cluster = list(struct.iter_unpack("<II", (path / "000000.clusters").read_bytes()))
    stays = {group: number for number, group in cluster if number not in removed}
    representative = list(range(len(texts)))
    for number, group in cluster:
        representative[number] = stays[group]
    return {"signature_seconds": signed - start, "cluster_seconds": end - signed, "representative": representative, "group": representative}


def peak_mib() -> int:
    """Not ru_maxrss, which starts at what the parent held."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    result = {"ours": ours, "datatrove": datatrove}[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
    print(json.dumps({**result, "peak_mib": peak_mib()}))
