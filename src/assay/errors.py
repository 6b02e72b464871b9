"""One class per kind of fault a user can act on; the entry points turn each into a message and its exit code."""


class AssayError(Exception):
    """A fault with a message for the user. The text says what was expected, what was found, where, and what to type next."""

    exit_code = 1


class CheckFailed(AssayError):
    """A check said no: a comparison that would lie, a replay that differs."""


class ConfigError(AssayError):
    """Wrong use: an unknown name, a value out of range, a file that does not parse."""

    exit_code = 2


class DataError(AssayError):
    """Input or prepared data is missing, altered, or not what was declared."""

    exit_code = 3


class NumericError(AssayError):
    """Training produced a number that is not finite."""

    exit_code = 4


class MachineError(AssayError):
    """The disk, the network or an installed package is not what the command needs."""

    exit_code = 5
