"""The steps a text passes, in order, as conf/cleaning/ chooses them. Each is a pure function of the text."""

from collections.abc import Callable
from functools import partial

from assay.data.cleaning.decoding import well_formed
from assay.data.cleaning.drop import Drop
from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.unicode_form import normal_form
from assay.data.cleaning.whitespace import normalise_whitespace

Step = tuple[str, Callable[[str], str | Drop]]
"""A name for the counts, and the function."""


def repairs(cleaning: CleaningSchema) -> list[Step]:
    """What is done to a whole text before it is cut or measured."""
    steps: list[Step] = [("well_formed", well_formed)]
    if cleaning.unicode_form != "none":
        steps.append(("unicode_form", partial(normal_form, form=cleaning.unicode_form)))
    if cleaning.whitespace == "normalise":
        steps.append(("whitespace", normalise_whitespace))
    return steps
