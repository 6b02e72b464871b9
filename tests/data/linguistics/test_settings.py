import subprocess
import sys
from pathlib import Path

from assay.data.linguistics.settings import LinguisticSettings


def test_the_steps_that_are_on_are_named_in_the_order_in_which_they_are_done() -> None:
    assert LinguisticSettings().steps == ()
    assert LinguisticSettings(stemming=True, spelling=True).steps == ("spelling", "stemming")
    every = LinguisticSettings(spelling=True, punctuation="remove", segmentation=True, pos_tags=True, stop_words="remove", stemming=True)
    assert every.steps == ("spelling", "punctuation", "segmentation", "pos_tags", "stop_words", "stemming")


def test_checking_a_config_loads_no_library() -> None:
    program = "import sys; import assay.data.linguistics.settings; assert not {'spacy', 'rjieba', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).resolve().parents[3] / "src", check=True)
