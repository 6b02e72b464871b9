"""What moved between two runs, said by name."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assay.tracking import lookup
from assay.tracking.difference import moved, nearest_run
from assay.tracking.identity import of_parts

INPUTS = {
    "config": {"model": {"dropout": 0.0, "n_layer": 2}, "seed": 1},
    "code": {"src/assay/model/attention.py": "a" * 64},
    "environment": {"cpu": ["avx2", "avx512f"], "packages": {"torch": "2.13.0"}},
    "tokens": "t" * 64,
}
values = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3), max_leaves=8)


def changed(part: str, value: object) -> dict[str, object]:
    return {**INPUTS, part: value}


def test_each_kind_of_input_is_named_down_to_the_one_that_moved() -> None:
    settings = {"model": {"dropout": 0.1, "n_layer": 2}, "seed": 1}
    assert moved(INPUTS, changed("config", settings)) == ["config model.dropout: 0.0 then, 0.1 now"]
    assert moved(INPUTS, changed("code", {"src/assay/model/attention.py": "b" * 64})) == [
        "code src/assay/model/attention.py: aaaaaaaaaaaa... then, bbbbbbbbbbbb... now"
    ]
    machine = {"cpu": ["avx2", "amx_bf16"], "packages": {"torch": "2.14.0"}}
    assert moved(INPUTS, changed("environment", machine)) == [
        'environment cpu: ["avx512f"] then only; ["amx_bf16"] now only',
        "environment packages.torch: 2.13.0 then, 2.14.0 now",
    ]
    assert moved(INPUTS, changed("tokens", "u" * 64)) == ["tokens: tttttttttttt... then, uuuuuuuuuuuu... now"]
    assert moved(INPUTS, {**INPUTS, "init": "w"}) == ["init: nothing then, w now"]


@given(st.dictionaries(st.text(), values, max_size=4))
def test_nothing_moved_between_equal_inputs(inputs: dict[str, object]) -> None:
    assert moved(inputs, json.loads(json.dumps(inputs))) == []


def test_the_nearest_run_shares_most_parts_and_has_finished_if_any_has(place: Path) -> None:
    def run(run_id: str, parts: dict[str, str], inputs: dict[str, object], time: float = 1.0) -> None:
        folder = place / "mlruns/tiny" / run_id / "artifacts"
        folder.mkdir(parents=True)
        start = {"kind": "start", "time": time, "run_id": run_id, "name": run_id, "experiment": "tiny", "identity": run_id, "parts": parts}
        (folder / "journal.jsonl").write_text(json.dumps({**start, "forced": False}) + "\n")
        (folder / "provenance.json").write_text(json.dumps({"inputs": inputs}))

    assert lookup.all_runs() == []
    wanted = of_parts({"config": "1", "code": "1", "tokens": "1"}, {"config": {"seed": 1}, "code": {}, "tokens": "1"})
    assert nearest_run(wanted) is None
    run("far", {"config": "2", "code": "2", "tokens": "1"}, {})
    run("near", {"config": "2", "code": "1", "tokens": "1"}, {"config": {"seed": 2}, "code": {}, "tokens": "1"})
    found = nearest_run(wanted)
    assert found is not None
    assert (found[0].run_id, found[1]) == ("near", ["config seed: 2 then, 1 now"])
    run("newer", {"config": "3", "code": "1", "tokens": "1"}, {"config": {"seed": 3}, "code": {}, "tokens": "1"}, time=2.0)
    assert nearest_run(wanted)[0].run_id == "newer"  # type: ignore[index]
    (found[0].folder / "result.json").write_text("{}")
    assert nearest_run(wanted)[0].run_id == "near"  # type: ignore[index]
