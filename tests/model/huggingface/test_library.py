"""What is said where transformers is not installed."""

import pytest

from assay.errors import MachineError
from assay.model.huggingface import library


def test_a_missing_transformers_is_said_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    with pytest.raises(MachineError, match=r"the extra \[hf\].*\n.*pip install"):
        library.refuse_without_transformers()
