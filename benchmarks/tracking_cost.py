"""What tracking, progress and system metrics cost while training, in CPU seconds of their own threads and calls."""

import json
from typing import Any

from workshop import run, workshop

PROBE = """
import json, sys, threading, time
sys.path.insert(0, "src")
spent = {"seconds": 0.0, "opening": 0.0}
def timed(owner, name, what="seconds"):
    original = getattr(owner, name)
    def call(*args, **kwargs):
        start = time.thread_time()
        try:
            return original(*args, **kwargs)
        finally:
            spent[what] += time.thread_time() - start
    setattr(owner, name, call)
from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.data.prepare import prepare
from assay.tracking import projection, system, target
from assay.tracking.identity import identify
from assay.tracking.run import Run
from assay.trainer.fit import train
from assay.trainer.plan import make_plan
from assay.trainer.progress import TrainingProgress
timed(Run, "log"); timed(TrainingProgress, "step"); timed(TrainingProgress, "say")
timed(projection.Projection, "_work"); timed(system.SystemMonitor, "_work")
timed(target.LocalStore, "open", "opening")
config = load("train", sys.argv[1:], TrainConfig)
plan, prepared = make_plan(config), prepare(config, "auto")
start = time.process_time()
with Run(config, identify(config, plan, prepared), prepared) as run:
    opened = time.process_time()
    outcome = train(config, plan, prepared, run)
    trained = time.process_time() - opened
    run.finish(outcome)
print(json.dumps({"spent": spent["seconds"] - spent["opening"], "opening": spent["opening"], "trained": trained, "steps": outcome["steps"]}))
"""


def measure() -> dict[str, Any]:
    rows = []
    with workshop() as folder:
        (folder / "probe.py").write_text(PROBE)
        run(folder, "src/train.py", "trainer=smoke")  # makes the store, once and for all runs
        for model, steps in (("gpt_nano", 200), ("gpt_small", 60)):
            output = run(folder, "probe.py", f"model={model}", f"trainer.max_steps={steps}", "trainer.print_every_steps=1").output
            found = json.loads(output.rstrip().splitlines()[-1])
            share = found["spent"] / found["trained"]
            a_step = f"{1000 * found['spent'] / found['steps']:.2f}"
            rows.append([model, found["steps"], f"{found['trained']:.1f}", a_step, f"{100 * share:.2f} %", f"{found['opening']:.1f}"])
    return {
        "title": "Cost of tracking and progress",
        "text": "CPU milliseconds a step spent in the journal, the copy to MLflow (its own thread), system metrics and printing every step, "
        "as a share of the CPU seconds of training. Bound: 2 %. Besides, MLflow takes about a second to open its store, once a run, beside the training.",
        "columns": ["model", "steps", "training, CPU seconds", "tracking, CPU ms a step", "share", "opening the store, CPU seconds"],
        "rows": rows,
    }
