"""The command line, as somebody types it."""

from click.testing import CliRunner, Result

from commands import commands


def run(*arguments: object, typed: str = "") -> Result:
    """typed: what stands at the keyboard."""
    result = CliRunner().invoke(commands, [str(each) for each in arguments], input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
