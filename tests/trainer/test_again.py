"""Training by a stored config."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from assay.errors import ConfigError
from assay.trainer import again


@pytest.mark.fault("C9", inject="a stored config.yaml fed back")
@pytest.mark.slow
def test_a_stored_config_gives_the_same_run(trained: Any, run: Any) -> None:
    """C9 of the faults: what a run wrote down is enough to make it."""
    code = "import sys; sys.path.insert(0, 'src')\nfrom pathlib import Path\nfrom assay.trainer.again import main\nsys.exit(main(Path(sys.argv[1])))"
    before = set(trained.project.glob("mlruns/*/*/artifacts/result.json"))
    done = run(trained.project, "python", "-c", code, str(trained.folder / "config.yaml"))
    assert done.returncode == 0, done.stderr
    [made] = set(trained.project.glob("mlruns/*/*/artifacts/result.json")) - before
    try:
        assert trained.result["weights_sha256"] in made.read_text()
        assert trained.result["identity"] in made.read_text()
    finally:  # others count the runs of this project
        shutil.rmtree(made.parents[1])
        (trained.project / "mlruns/.open" / made.parents[1].name).unlink()


def test_an_edited_config_is_checked_like_any_other(tmp_path: Path, trained: Any) -> None:
    edited = tmp_path / "config.yaml"
    edited.write_text((trained.folder / "config.yaml").read_text().replace("n_layer: 2", "n_layer: 0"))
    with pytest.raises(ConfigError, match=r"model\.n_layer must be at least 1"):
        again.main(edited)
