"""The small language of diagrams: conditions, parameters, timers and scripts.

It looks like Python and is read by Python's own parser, but only what ``_ALLOWED`` lists gets
through; everything else is refused before it can run. There are no attributes in it:
``fund.action`` is a look-up in a section of case data, one level deep (two after ``this``).

Empty values never raise: a section not yet written and a field not yet filled are ``None``; ``<``
and its kin with ``None`` are false, ``in None`` is false, arithmetic with ``None`` is ``None``;
``==`` and ``!=`` are plain, so ``fund.action == None`` asks whether it is empty.

``>>> evaluate('fund.action == "withdraw"', {"fund": {"action": "seal"}}, {})``
``False``
"""

import ast
import inspect
import operator
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from types import CodeType
from typing import Any, Literal

from engine.errors import DiagramFault, Invalid

#: The functions a diagram may call, by name. Every one of them is trusted code.
Functions = Mapping[str, Callable[..., Any]]
Scalar = str | int | float | bool | None

#: Functions that look at the names around them; ``within(names)`` gives one that does.
READING = frozenset({"decide"})
MAX_LENGTH = 1000
MAX_NODES = 200
MAX_DEPTH = 20
MAX_TEXT = 10_000
MAX_NUMBER = 2**63

_ALLOWED = (
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.IfExp),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod),
    *(ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn),
    *(ast.Constant, ast.Name, ast.Load, ast.Attribute, ast.List, ast.Tuple, ast.Call),
)


def evaluate(source: str, names: Mapping[str, Any], functions: Functions) -> Any:
    """Work out an expression.

    Args:
        source: the expression as the diagram says it.
        names: locals and sections by name; a section is a mapping or ``None``. Looked up one by
            one and only when needed, so reading a section may mean decrypting it.
        functions: what may be called.

    Raises:
        DiagramFault: it is not allowed, names something unknown or cannot be worked out; do not
            retry.
    """
    return _run(_compile(source, frozenset(functions)), source, names, functions)


def run_script(source: str, names: Mapping[str, Any], functions: Functions) -> dict[str, Scalar]:
    """Work out a script, lines of ``local = expression``, and return the locals it assigns.

    Only scalars may be assigned: case data stays in its sections, out of the process's state.

    Raises:
        DiagramFault: as for ``evaluate``, or a value is not a scalar.
    """
    assigned: dict[str, Scalar] = {}
    for name, code in _compile_script(source, frozenset(functions)):
        value = _run(code, source, Layered(assigned, names), functions)
        if value is not None and not isinstance(value, str | int | float | bool):
            raise DiagramFault(f"脚本只能给变量赋文字、数字或是否值：{name}")
        assigned[name] = value
    return assigned


def check_expression(
    source: str,
    *,
    sections: Mapping[str, AbstractSet[str]],
    locals: AbstractSet[str],
    functions: Functions,
) -> list[str]:
    """Find the mistakes of an expression before it ever runs, in a designer's words.

    Args:
        sections: section → its fields; a section of the enclosing item is named ``this.x``.
        locals: variables assigned by scripts of the same process.

    Returns:
        Messages in Chinese; an empty list means it is fine.
    """
    try:
        tree = _parse(source, frozenset(functions))
    except DiagramFault as fault:
        return [fault.message]
    return list(_mistakes(tree, sections, locals, functions))


def check_script(
    source: str,
    *,
    sections: Mapping[str, AbstractSet[str]],
    locals: AbstractSet[str],
    functions: Functions,
) -> list[str]:
    """Find the mistakes of a script; see ``check_expression``."""
    try:
        lines = _parse_script(source, frozenset(functions))
    except DiagramFault as fault:
        return [fault.message]
    messages: list[str] = []
    taken = {name.split(".")[0] for name in sections}
    for name, tree in lines:
        if name in taken:
            messages.append(f"变量不能与数据分区重名：{name}")
        messages.extend(_mistakes(tree, sections, locals, functions))
    return messages


def assigned_names(source: str) -> set[str]:
    """The locals a script assigns; empty if it cannot be read (``check_script`` says why)."""
    try:
        return {name for name, _ in _parse_script(source, None)}
    except DiagramFault:
        return set()


def calls(source: str) -> list[tuple[str, tuple[Any, ...]]]:
    """The calls in an expression or script; an argument that is no literal is ``...``."""
    try:
        trees = [_parse(source, None)]
    except DiagramFault:
        try:
            trees = [tree for _, tree in _parse_script(source, None)]
        except DiagramFault:
            return []
    return [
        (node.func.id, tuple(a.value if isinstance(a, ast.Constant) else ... for a in node.args))
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]


def reads(source: str) -> list[str]:
    """The fields an expression looks at: ``section.field``, of an item ``this.section.field``."""
    try:
        tree = _parse(source, None)
    except DiagramFault:
        return []
    found = [_path(node) or [] for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    whole = [".".join(path) for path in found if len(path) == (3 if path[0] == "this" else 2)]
    return list(dict.fromkeys(whole))


# ---------------------------------------------------------------- reading


def _parse(source: str, functions: frozenset[str] | None) -> ast.expr:
    tree: ast.expr = _read(source, "eval").body
    _admit(tree, functions)
    return tree


def _parse_script(source: str, functions: frozenset[str] | None) -> list[tuple[str, ast.expr]]:
    lines = []
    for statement in _read(source, "exec").body:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise DiagramFault("脚本只能写赋值语句，例如 rounds = rounds + 1。")
        target = statement.targets[0]
        if not isinstance(target, ast.Name) or target.id.startswith("_"):
            raise DiagramFault("脚本只能给简单变量赋值，不能改写数据分区。")
        if target.id in {"this", "typename", *(functions or ())}:
            raise DiagramFault(f"这个名称不能用作变量：{target.id}")
        _admit(statement.value, functions)
        lines.append((target.id, statement.value))
    return lines


def _read(source: str, mode: Literal["eval", "exec"]) -> Any:
    if not isinstance(source, str) or not source.strip():
        raise DiagramFault("表达式为空。")
    if len(source) > MAX_LENGTH:
        raise DiagramFault(f"表达式过长，最多 {MAX_LENGTH} 个字符。")
    try:
        return ast.parse(source.strip(), mode=mode)
    except SyntaxError as error:
        raise DiagramFault(
            f"表达式写法有误（第 {error.offset or 1} 个字符附近）：{source}"
        ) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise DiagramFault("表达式写法有误或嵌套过深。") from error


def _admit(tree: ast.expr, functions: frozenset[str] | None) -> None:
    """Refuse all that is not on the list. The only gate; everything after it trusts the tree."""
    count = 0
    pending: list[tuple[ast.AST, int]] = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        count += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise DiagramFault("表达式过于复杂，请拆成几步。")
        if not isinstance(node, _ALLOWED):
            raise DiagramFault(f"表达式中不允许使用这种写法：{type(node).__name__}")
        match node:
            case ast.Call():
                pending += [(a, depth + 1) for a in _admit_call(node, functions)]
            case ast.Attribute():
                _admit_field(node)
            case _:
                if isinstance(node, ast.Name) and node.id.startswith("_"):
                    raise DiagramFault(f"名称不能以下划线开头：{node.id}")
                if isinstance(node, ast.Constant):
                    _admit_constant(node.value)
                pending += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _admit_call(node: ast.Call, functions: frozenset[str] | None) -> list[ast.expr]:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise DiagramFault("只能按“函数名(参数, …)”的形式调用函数。")
    if functions is not None and node.func.id not in functions:
        raise DiagramFault(f"没有这个函数：{node.func.id}")
    return node.args


def _admit_field(node: ast.Attribute) -> None:
    path = _path(node)
    if path is None or len(path) != (3 if path[0] == "this" else 2):
        raise DiagramFault("字段请写成“分区.字段”，事项内部写成“this.分区.字段”。")
    if any(part.startswith("_") for part in path):
        raise DiagramFault(f"名称不能以下划线开头：{'.'.join(path)}")


def _admit_constant(value: object) -> None:
    if value is not None and not isinstance(value, str | int | float | bool):
        raise DiagramFault(f"不允许的常量：{value!r}")
    if isinstance(value, int | float) and not abs(value) < MAX_NUMBER:
        raise DiagramFault("数字过大。")


def _path(node: ast.expr) -> list[str] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return [node.id, *parts] if isinstance(node, ast.Name) else None


def _mistakes(
    tree: ast.expr,
    sections: Mapping[str, AbstractSet[str]],
    local_names: AbstractSet[str],
    functions: Functions,
) -> Iterator[str]:
    match tree:
        case ast.Attribute():
            *owner, field = _path(tree) or []
            section = ".".join(owner)
            if section not in sections:
                yield f"没有声明数据分区：{section}"
            elif field not in sections[section]:
                yield f"数据分区 {section} 中没有字段：{field}"
        case ast.Name():
            if tree.id in sections or tree.id == "this":
                yield f"不能直接使用整个数据分区，请写明字段：{tree.id}.字段"
            elif tree.id not in local_names:
                yield f"没有声明的名称：{tree.id}"
        case ast.Call(func=ast.Name(id=name), args=args):
            try:
                inspect.signature(functions[name]).bind(*args)
            except TypeError:
                yield f"函数 {name} 的参数个数不对。"
            for argument in args:
                yield from _mistakes(argument, sections, local_names, functions)
        case _:
            if isinstance(tree, ast.BinOp) and not _is_sum(tree):
                yield f"文字和名单不能做 {_SIGNS[type(tree.op)]} 运算。"
            children = (c for c in ast.iter_child_nodes(tree) if isinstance(c, ast.expr))
            for child in children:
                yield from _mistakes(child, sections, local_names, functions)


def _is_sum(tree: ast.BinOp) -> bool:
    """False if it can be seen on paper that this is no arithmetic (nor joining of texts)."""
    for side in (tree.left, tree.right):
        if isinstance(side, ast.List | ast.Tuple):
            return False
        if isinstance(side, ast.Constant) and isinstance(side.value, str):
            return isinstance(tree.op, ast.Add)
    return True


# ---------------------------------------------------------------- running


class _Rewrite(ast.NodeTransformer):
    """Turn everything whose meaning depends on its values into a call of a guard below.

    Guards and functions get names with a space, which nobody can write in an expression: neither
    can data shadow a function nor a name reach a guard.
    """

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return _call(" field", self.visit(node.value), ast.Constant(node.attr))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        function, arguments = f" {node.func.id}()", [self.visit(a) for a in node.args]
        if node.func.id in READING:
            names = ast.Name(" names", ast.Load())
            return _call(" within", ast.Name(function, ast.Load()), names, *arguments)
        return _call(function, *arguments)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        sign = ast.Constant(_SIGNS[type(node.op)])
        return _call(" calculate", sign, self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.USub):
            return _call(" calculate", ast.Constant("-"), ast.Constant(0), operand)
        return ast.UnaryOp(node.op, operand)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        signs = ast.Tuple([ast.Constant(_SIGNS[type(op)]) for op in node.ops], ast.Load())
        return _call(" compare", signs, *(self.visit(v) for v in [node.left, *node.comparators]))


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


_SIGNS: dict[type[ast.AST], str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"},
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
    **{ast.In: "in", ast.NotIn: "not in"},
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul},
    **{"/": operator.truediv, "//": operator.floordiv, "%": operator.mod},
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    **{"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge},
}


def _calculate(sign: str, left: Any, right: Any) -> Any:
    """Arithmetic on bounded numbers, and joining of bounded texts."""
    if left is None or right is None:
        return None
    if isinstance(left, str) and isinstance(right, str) and sign == "+":
        if len(left) + len(right) > MAX_TEXT:
            raise DiagramFault("文字过长。")
        return left + right
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        raise DiagramFault(f"这两个值不能做 {sign} 运算：{left!r} 与 {right!r}")
    result = _ARITHMETIC[sign](left, right)
    if not abs(result) < MAX_NUMBER:  # neither too big nor no number at all
        raise DiagramFault("计算结果过大。")
    return result


def _compare(signs: tuple[str, ...], *values: Any) -> bool:
    return all(_holds(s, a, b) for s, a, b in zip(signs, values, values[1:], strict=False))


def _holds(sign: str, left: Any, right: Any) -> bool:
    match sign:
        case "==":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "in" | "not in":
            return (right is not None and left in right) == (sign == "in")
        case _:
            return left is not None and right is not None and _ORDER[sign](left, right)


def _field(owner: Any, name: str) -> Any:
    if owner is None:
        return None
    if not isinstance(owner, Mapping):
        raise DiagramFault(f"“.{name}”之前不是数据分区。")
    return owner.get(name)


def _within(function: Any, names: Mapping[str, Any], *arguments: Any) -> Any:
    return function.within(names)(*arguments)


_GUARDS: dict[str, Any] = {
    **{" field": _field, " calculate": _calculate, " compare": _compare, " within": _within},
}


class Layered(Mapping[str, Any]):
    """Two mappings read as one, without copying either."""

    def __init__(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, name: str) -> Any:
        return self._first[name] if name in self._first else self._second[name]

    def __iter__(self) -> Iterator[str]:
        return iter({*self._first, *self._second})

    def __len__(self) -> int:
        return len({*self._first, *self._second})


class Known(Mapping[str, Any]):
    """Names, of which those that are declared but not written yet are ``None``, never an error."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Any:
        try:
            return self._names[name]
        except KeyError:
            return None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@lru_cache(8192)
def _compile(source: str, functions: frozenset[str]) -> CodeType:
    return _bytecode(_parse(source, functions))


@lru_cache(1024)
def _compile_script(source: str, functions: frozenset[str]) -> tuple[tuple[str, CodeType], ...]:
    return tuple((name, _bytecode(tree)) for name, tree in _parse_script(source, functions))


def _bytecode(tree: ast.expr) -> CodeType:
    rewritten = ast.fix_missing_locations(ast.Expression(_Rewrite().visit(tree)))
    return compile(rewritten, "<expression>", "eval")


def _run(code: CodeType, source: str, names: Mapping[str, Any], functions: Functions) -> Any:
    trusted = _GUARDS | {f" {name}()": function for name, function in functions.items()}
    trusted[" names"] = names
    try:
        return eval(code, {"__builtins__": {}}, Layered(trusted, names))  # noqa: S307
    except DiagramFault:
        raise
    except NameError as error:
        raise DiagramFault(f"没有声明的名称：{error.name}（{source}）") from error
    except Invalid as error:  # a function refused what it was given
        raise DiagramFault(f"表达式无法计算：{source}（{error.message}）") from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise DiagramFault(f"表达式无法计算：{source}（{error}）") from error
