"""The door: answers `--version` at once, hands every other word to the command line.

Whatever happens inside, a person sees one sentence and a status, never a traceback.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

from kinoform import __version__

TYPE_CHECKING = False  # that of `typing` costs half of what an empty process takes
if TYPE_CHECKING:
    import types
    from collections.abc import Sequence
    from typing import NoReturn

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (see docs/reference/exit-codes.md)."""
    given = tuple(sys.argv[1:] if words is None else words)
    try:
        status = _answer(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        return 141
    except Exception as error:  # noqa: BLE001  (the last resort: a fault of ours becomes a report)
        from kinoform.cli.crash import report  # noqa: PLC0415  (only a fault pays for it)

        return report(error, given, os.environ, sys.stderr)
    else:
        return status
    finally:
        _drain()


def door() -> None:
    """`main` as a process of its own, which ends without taking apart what the command was made of.

    That takes as long as planning half of it. What has to be let go of in order does so at exit
    (`weakref.finalize`); this was registered before all of them, and is therefore called last.
    """
    status: list[int] = []
    sys.unraisablehook = unheard
    atexit.register(lambda: os._exit(status[0]) if status else None)
    status.append(main())


def uncaught(
    kind: type[BaseException], error: BaseException, trace: types.TracebackType | None
) -> None:
    """End at a Ctrl-C that comes before the door is open, once it is shut, or while one is answered."""
    if issubclass(kind, KeyboardInterrupt):
        _interrupted()
    sys.__excepthook__(kind, error, trace)


def unheard(ignored: sys.UnraisableHookArgs) -> None:
    """End at a Ctrl-C that came where Python can only print it and go on, as when something is collected.

    What is bought and known is safe at any moment; what a person asked for is not to be passed over.
    """
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        _interrupted()
    sys.__unraisablehook__(ignored)


def _interrupted() -> NoReturn:
    try:
        sys.stderr.write("\ninterrupted\n")
        _drain()
    finally:
        os._exit(INTERRUPTED)


def _drain() -> None:
    """Nothing may be left to flush when the process ends at once, nor fail when the interpreter does."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _answer(words: tuple[str, ...]) -> int:
    if words in {("--version",), ("-V",)}:
        sys.stdout.write(f"kinoform {__version__}\n")
        return 0
    from kinoform.stores import answers  # noqa: PLC0415  (--version asks for nothing)

    if not answers.can_be_known(words):
        from kinoform.cli.main import run  # noqa: PLC0415  (--version must not pay for click)

        return run(words)
    status = _recalled(words)
    if status is None:
        # A plan makes many things that stay and next to no garbage: looking for it among them each
        # 700 new ones takes a third of the time.
        gc.set_threshold(1_000_000, 50, 100)
        from kinoform.cli.remembering import remembered  # noqa: PLC0415  (an answer must not either)

        status = remembered(words)
    return status


def _recalled(words: tuple[str, ...]) -> int | None:
    """The status of an answer that still holds, printed again; None where there is none."""
    from kinoform.stores import answers  # noqa: PLC0415  (--version asks for nothing)

    answer = answers.recall(words, os.environ)
    if answer is None:
        return None
    for name, text in answer[1]:
        stream = {"o": sys.stdout, "e": sys.stderr}[name]
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        stream.write(text)
        stream.flush()
    return answer[0]


sys.excepthook = uncaught  # from here on: the script that calls the door has work of its own
if __name__ == "__main__":
    door()
