"""Each kind of fault has the exit code that scripts and schedulers go by."""

import inspect

from assay import errors


def test_exit_codes_are_the_documented_ones() -> None:
    codes = {name: each.exit_code for name, each in inspect.getmembers(errors, inspect.isclass)}
    assert codes == {"AssayError": 1, "CheckFailed": 1, "ConfigError": 2, "DataError": 3, "NumericError": 4, "MachineError": 5}
    assert all(issubclass(each, errors.AssayError) for _, each in inspect.getmembers(errors, inspect.isclass))
