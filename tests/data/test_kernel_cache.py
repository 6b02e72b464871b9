from pathlib import Path

from assay.data.kernel_cache import STAMP, drop_stale


def test_what_was_compiled_of_other_sources_goes_and_of_these_stays(tmp_path: Path) -> None:
    kept = tmp_path / "__pycache__"
    kept.mkdir()
    sources = [tmp_path / "a.py", tmp_path / "b.py"]
    for path in sources:
        path.write_text("x = 1")
    for expected in (False, True):  # nobody knows what the first was made of
        (kept / "a.f-1.nbi").touch()
        (kept / "a.cpython-311.pyc").touch()
        drop_stale(tmp_path, sources)
        assert (kept / "a.f-1.nbi").exists() == expected
    sources[1].write_text("x = 2")
    drop_stale(tmp_path, sources)
    assert not (kept / "a.f-1.nbi").exists()
    assert (kept / "a.cpython-311.pyc").exists()
    assert (kept / STAMP).exists()


def test_a_folder_that_cannot_be_written_to_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").touch()
    source = tmp_path / "a.py"
    source.touch()
    drop_stale(tmp_path, [source])
