from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.steps import filters, repairs


def test_the_config_chooses_the_steps_and_their_order() -> None:
    assert [name for name, _ in repairs(CleaningSchema())] == ["well_formed", "unicode_form", "whitespace"]
    assert [name for name, _ in repairs(CleaningSchema(unicode_form="none", whitespace="keep"))] == ["well_formed"]


def test_limits_of_the_config_reach_the_filter() -> None:
    ((_, step),) = filters(CleaningSchema(min_characters=3))
    assert step("abc") == "abc"
    assert step("ab") != "ab"
