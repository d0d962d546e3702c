"""The language of templates: the small part of Jinja that notices and papers need.

Jinja's own sandbox keeps a template away from Python; it does not keep it from costing a gigabyte
(``'a' * 10**9``, ``range(10**9)``, ``'%999999999d'|format(1)``), and every escape that was ever
found went through a filter, a global or a call nobody here needs. So, as in expressions
(``engine.expressions``), only what is listed gets through. The gate stands where Jinja turns a
tree into code: every template passes it when a pack is checked, and again when it is rendered.

What a template says once costs little; what it says in loops is counted while it is rendered: the
rounds of all loops together, the length of what is joined, and of all that comes out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from jinja2 import TemplateSyntaxError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import do_join
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_NODES = 20_000
MAX_DEPTH = 60
#: Loops within loops multiply.
MAX_LOOPS = 3
#: Characters of all texts that stand in expressions, and of what stands between joined ones.
MAX_WORDS, MAX_BETWEEN = 20_000, 20
#: Rounds of all loops of one rendering: a list of two thousand people has a few for each.
MAX_ROUNDS = 100_000
#: Characters of one rendering, and of one joined text.
MAX_TEXT = 20_000_000

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.CondExpr),
    *(nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Call, nodes.Filter, nodes.Test),
    *(nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat),
    *(nodes.Add, nodes.Sub, nodes.Div, nodes.Neg),
)
#: Of Jinja's own filters and tests; a template's further filters are this project's.
_FILTERS = ("default", "e", "escape", "first", "format", "join", "last", "length", "map", "select")
_TESTS = ("defined", "none", "undefined", "true", "false", "in", "eq", "ne", "lt", "le", "gt", "ge")
#: What may be called on a value; everything else that is called is a function of ours, by name.
_METHODS = frozenset({"items", "words"})
#: Patterns of ``format``: widths are where the bombs are.
_PATTERN = re.compile(r"(?:[^%]|%%|%[-+0 ,]?\d{0,2}(?:\.\d{1,2})?[dfs])*")


class Counted(Context):
    """What one rendering may say, and how many rounds its loops have made."""

    rounds = 0

    def count(self, values: Any) -> list[Any]:
        """The values of a loop or a join, as long as there are not too many."""
        counted = list(islice(values, MAX_ROUNDS - self.rounds + 1))
        self.rounds += len(counted)
        if self.rounds > MAX_ROUNDS:
            raise SecurityError(f"模板中的循环超过 {MAX_ROUNDS} 次。")
        return counted


@pass_context
def _counted(context: Counted, values: Any) -> list[Any]:
    return context.count(values)


@pass_context
def _join(context: Counted, values: Any, between: str = "") -> str:
    parts = context.count(values)
    if sum(len(str(part)) + len(between) for part in parts) > MAX_TEXT:
        raise SecurityError("模板拼接的文字过长。")
    joined: str = do_join(context.eval_ctx, parts, between)  # or what is escaped already
    return joined


def _concat(pieces: Iterable[str]) -> str:
    """Put a rendering together, and stop as soon as it is too long."""
    kept, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_TEXT:
            raise SecurityError("模板生成的内容过长。")
        kept.append(piece)
    return "".join(kept)


#: What counts the rounds of a loop; no template can write a name with a blank.
_ROUNDS = "rounds of a loop"


class TemplateLanguage(ImmutableSandboxedEnvironment):
    """A Jinja environment that knows nothing but what is listed in this file.

    Args:
        escaped: escape for XML, as in Word files.
        filters: this project's own, by name.
        options: further arguments of ``jinja2.Environment``.
    """

    context_class = Counted
    concat = staticmethod(_concat)

    def __init__(
        self,
        *,
        escaped: bool,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(autoescape=escaped, trim_blocks=True, lstrip_blocks=True, **options)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | dict(filters or {})
        self.filters |= {"join": _join, _ROUNDS: _counted}
        self.tests = {name: self.tests[name] for name in _TESTS}

    def admit(self, tree: nodes.Template) -> None:
        """Refuse a template that says what this language has no words for.

        Raises:
            SecurityError: with what and on which line, in Chinese.
        """
        words = 0
        for count, (node, depth, loops) in enumerate(_walk(_expression(tree) or tree)):
            words += len(str(node.value)) if isinstance(node, nodes.Const) else 0
            if count > MAX_NODES or depth > MAX_DEPTH or loops > MAX_LOOPS or words > MAX_WORDS:
                raise SecurityError("模板过于复杂，请拆成几份。")
            if not isinstance(node, _ALLOWED) or not _is_plain(node):
                kind = type(node).__name__
                raise SecurityError(f"模板中不允许使用这种写法：{kind}（第 {node.lineno} 行）")

    def _parse(self, source: str, *arguments: Any, **options: Any) -> nodes.Template:
        """What the parser cannot read is a mistake of the template, never a crash of ours."""
        try:
            return super()._parse(source, *arguments, **options)
        except (RecursionError, MemoryError, ValueError, OverflowError):
            raise TemplateSyntaxError("模板写法有误或嵌套过深", 1) from None

    def _generate(self, source: nodes.Template, *arguments: Any, **options: Any) -> str:
        """Jinja's one way from tree to code."""
        self.admit(source)
        for loop in source.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _ROUNDS, [], [], None, None, lineno=loop.lineno)
        return super()._generate(source, *arguments, **options)


def _expression(tree: nodes.Template) -> nodes.Node | None:
    """The expression alone, where Jinja wrapped one up: it does so by ``{% set result = … %}``."""
    match tree.body:
        case [nodes.Assign(target=nodes.Name(name="result"), node=expression)]:
            return expression
    return None


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int, int]]:
    """Every node with its depth and the number of loops around it; without recursion."""
    pending = [(tree, 1, 0)]
    while pending:
        node, depth, loops = pending.pop()
        loops += isinstance(node, nodes.For)
        yield node, depth, loops
        pending += [(child, depth + 1, loops) for child in node.iter_child_nodes()]


def _is_plain(node: nodes.Node) -> bool:
    match node:
        case nodes.Name(name=name):
            plain = not name.startswith("_") and name not in ("self", "caller", "super")
        case nodes.Getattr(attr=name):
            plain = not name.startswith("_")
        case nodes.Getitem(arg=place):
            plain = _is_place(place)
        case nodes.For(recursive=recursive, iter=values):
            plain = not recursive and not _is_literal(values)
        case nodes.Call():
            plain = _is_call(node) and not (node.dyn_args or node.dyn_kwargs)
        case nodes.Filter():
            plain = _is_filter(node) and not (node.dyn_args or node.dyn_kwargs)
        case _:
            plain = True
    return plain


def _is_place(place: nodes.Expr) -> bool:
    """``x["items"]``, ``x[0]``, ``x[loop.index0]``, ``x[:10]``; no name put together on the way."""
    if isinstance(place, nodes.Const):
        return not str(place.value).startswith("_")
    return isinstance(place, nodes.Slice | nodes.Name | nodes.Getattr)


def _is_call(node: nodes.Call) -> bool:
    called = node.node
    return isinstance(called, nodes.Name) or (
        isinstance(called, nodes.Getattr) and called.attr in _METHODS
    )


def _is_filter(node: nodes.Filter) -> bool:
    if node.node is None:  # ``{% filter x %}``
        return False
    match node.name:
        case "format":
            pattern = node.node.value if isinstance(node.node, nodes.Const) else None
            return isinstance(pattern, str) and _PATTERN.fullmatch(pattern) is not None
        case "map":
            return not node.args and [_is_attribute(one) for one in node.kwargs] == [True]
        case "select":
            return not node.args and not node.kwargs
        case "join":
            text = isinstance(node.node, nodes.Const | nodes.Concat | nodes.Add)
            return not (node.kwargs or text or node.args[1:]) and all(map(_is_short, node.args))
        case _:
            return True


def _is_literal(values: nodes.Node) -> bool:
    """Whether a loop is not about data: its rounds would be the author's alone."""
    while isinstance(values, nodes.Filter | nodes.Getitem) and values.node is not None:
        values = values.node
    literal = nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Concat, nodes.Add
    return isinstance(values, literal)


def _is_short(between: nodes.Expr) -> bool:
    text = between.value if isinstance(between, nodes.Const) else None
    return isinstance(text, str) and len(text) <= MAX_BETWEEN


def _is_attribute(keyword: nodes.Keyword | nodes.Pair) -> bool:
    """``map(attribute="number")``: one plain name, no path."""
    name = keyword.value.value if isinstance(keyword.value, nodes.Const) else None
    return (
        keyword.key == "attribute"
        and isinstance(name, str)
        and re.fullmatch("[a-z][a-z0-9_]*", name) is not None
    )
