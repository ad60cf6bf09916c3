"""Any template, compiled by Jinja; every way in which its evaluation can fail is a TemplateFault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2 import BaseLoader, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.runtime import Undefined

from kinoform.spec.bounds import MAX_SOURCE, fits, too_large
from kinoform.spec.missing import undefined_fault
from kinoform.spec.paths import path_fault
from kinoform.spec.sandbox import PromptEnvironment
from kinoform.spec.speech import CIRCLE, Broken, KnownLater, TemplateFault, listed
from kinoform.spec.tree import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment

Context: TypeAlias = "Mapping[str, Any]"
Evaluate: TypeAlias = "Callable[[Context], Any]"
_FILES = ("<template>", "<unknown>")
_FOLDER = "prompts/"
_UNKNOWN = re.compile(r"No (filter|test) named '([^']*)'")


class Partials(BaseLoader):
    """`prompts/` of the project, for include and import; the names of nothing else load."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002  (Jinja asks for it)
        template: str,
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Text of `prompts/<template>`. Raises TemplateNotFound."""
        path = f"{_FOLDER}{template}"
        if path_fault(template) or path_fault(path):
            raise TemplateNotFound(template)
        try:
            text = self._read(path)
        except (OSError, ValueError) as error:
            raise TemplateNotFound(template) from error
        if len(text) > MAX_SOURCE:
            raise too_large()
        return text, path, None


class Jinja:
    """One environment with its budget, and what is compiled in it."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._env = PromptEnvironment(Partials(read))

    def check(self) -> None:
        """Raise TemplateFault once the templates of the file have used up everything."""
        if self._env.budget.total <= 0:
            raise self._env.budget.exhausted()

    def compiled(self, text: str) -> Evaluate:
        """What evaluates a text. Raises TemplateFault for its syntax."""
        self.check()
        if "${{" in text:
            return self._value(text)
        try:
            render = self._env.from_string(text).render
        except TemplateSyntaxError as error:
            raise self._syntax(error) from error
        except RecursionError:
            raise TemplateFault("template-too-long", _TOO_DEEP) from None

        def evaluate(context: Context) -> Any:
            return self._guarded(lambda: render(context), context)

        return evaluate

    def _value(self, text: str) -> Evaluate:
        bare = text.strip()
        inner = bare[3:-2]
        if not (bare.startswith("${{") and bare.endswith("}}")):
            raise TemplateFault("mixed-template", "${{ }} must be the whole value", _MIXED)
        try:
            expression = self._env.compile_expression(inner, undefined_to_none=False)
        except TemplateSyntaxError as error:
            if "${{" in inner or "{{" in inner:
                raise TemplateFault(
                    "mixed-template", "${{ }} must be the whole value", _MIXED
                ) from error
            raise self._syntax(error) from error
        except RecursionError:
            raise TemplateFault("template-too-long", _TOO_DEEP) from None

        def evaluate(context: Context) -> Any:
            return self._guarded(lambda: _defined(expression(**context)), context)

        return evaluate

    def _guarded(self, call: Callable[[], Any], context: Context) -> Any:
        """Run one evaluation; every way in which it can fail becomes a TemplateFault."""
        self._env.budget.refill()
        try:
            result = call()
        except (KnownLater, Broken):
            raise
        except TemplateFault as fault:
            raise _placed(_named(fault, context), fault) from None
        except TemplateNotFound as error:
            said = f"there is no partial {shown(error.name)}"
            raise TemplateFault("no-such-partial", said, _PARTIALS) from None
        except TemplateSyntaxError as error:
            raise self._syntax(error) from None
        except RecursionError:
            raise TemplateFault("template-too-long", CIRCLE) from None
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise _placed(TemplateFault("template-failed", str(error)), error) from None
        return fits(result)

    def _syntax(self, error: TemplateSyntaxError) -> TemplateFault:
        unknown = _UNKNOWN.match(str(error.message))
        hint = ""
        if unknown:
            table = self._env.filters if unknown[1] == "filter" else self._env.tests
            known = (name for name in table if not name.startswith("__"))
            hint = listed(unknown[2], known)
        elif "end of template" in str(error.message):
            hint = "an expression stands between the braces, and each {{ and {% is closed"
        fault = TemplateFault("template-syntax", str(error.message), hint, error.lineno)
        fault.partial = error.name or ""
        return fault


_PARTIALS = "partials are text files in prompts/, named from there: {% include 'look.j2' %}"
_TOO_DEEP = "parts nested too deep, or a value made from others over too many steps"
_MIXED = "use {{ }} inside text, or move the text into the expression: ${{ 'a ' ~ x }}"


def _defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        raise undefined_fault(value._undefined_obj, str(value._undefined_name))  # noqa: SLF001  (Jinja offers no other way)
    return value


def _named(fault: TemplateFault, context: Context) -> TemplateFault:
    if fault.code == "undefined-name" and not fault.hint:
        fault.hint = f"names here: {', '.join(sorted(context))}"
    return fault


def _placed(fault: TemplateFault, error: BaseException) -> TemplateFault:
    """The fault with the template line that was being evaluated; Jinja rewrites tracebacks so."""
    frame = error.__traceback__
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if file in _FILES or file.startswith(_FOLDER):
            fault.line = frame.tb_lineno
            fault.partial = "" if file in _FILES else file.removeprefix(_FOLDER)
        frame = frame.tb_next
    return fault
