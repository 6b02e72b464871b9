"""transformers itself: whether it is there, and how it is imported."""

import os
from importlib.util import find_spec
from typing import Any

from assay.errors import MachineError


def refuse_without_transformers() -> None:
    if find_spec("transformers") is None:
        raise MachineError(
            "this is done by transformers, or measured against it: of the extra [hf], which is not installed.\n"
            "  Type: pip install 'transformers>=5.3'"
        )


def the_library() -> Any:
    """transformers, silent, and without the network even where a name means nothing to it."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when it is imported
    import transformers

    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # hints for its own trainer
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return transformers
