from assay.data.measures.c4 import LINE_COUNTS
from assay.data.measures.kernels.c4 import KEPT, LINES


def test_counts_of_lines_have_the_names_that_reports_show() -> None:
    assert (LINE_COUNTS[LINES], LINE_COUNTS[KEPT], len(LINE_COUNTS)) == ("lines", "kept", KEPT + 1)
