"""Train one model and leave everything about it in mlruns/."""

from assay.config.entry import verb
from assay.config.schema import TrainConfig


@verb("train", TrainConfig)
def main(config: TrainConfig) -> None:
    from assay.data.prepare import prepare
    from assay.tracking.catch_up import catch_up
    from assay.tracking.identity import identify
    from assay.tracking.lookup import finished_run
    from assay.tracking.report import report
    from assay.tracking.resume import resumed
    from assay.trainer.plan import make_plan

    config = resumed(config)
    plan = make_plan(config)
    if config.dry_run:
        from assay.trainer.dry_run import print_plan

        return print_plan(config, plan)
    prepared = prepare(config, config.prepare)
    catch_up()
    identity = identify(config, plan, prepared)
    result = finished_run(identity, config) if plan.repeatable else None
    if result is None:
        from assay.tracking.run import Run
        from assay.trainer.fit import train

        with Run(config, identity, prepared) as run:
            result = run.finish(train(config, plan, prepared, run))
    return report(result, config.export)


if __name__ == "__main__":
    main()
