from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.steps import repairs


def test_the_config_chooses_the_steps_and_their_order() -> None:
    assert [name for name, _ in repairs(CleaningSchema())] == ["well_formed", "unicode_form", "whitespace"]
    assert [name for name, _ in repairs(CleaningSchema(unicode_form="none", whitespace="keep"))] == ["well_formed"]
