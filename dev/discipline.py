"""`python -m dev.discipline`: the rules on visitors' addresses that code can be held to by reading it.

In what is deployed (api/, functions/, lib/):

- only lib/identification/address.py names a header that carries an address, or reads the connection's;
- only lib/identification takes an address's bytes, and only api/v1.py tells callers their own network;
- a visitor's address, or what carries one, goes into no text, log, hash, JSON, pickle or exception;
- a log line is a constant text with values from a small vocabulary: names, numbers and reasons of our own errors;
- nothing is printed.

It reads syntax, not flow: what is renamed in between, it does not follow. The type itself shows nothing then.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from dev.bootstrap import ROOT

_DEPLOYED = ("api", "functions", "lib")
_HOME = "lib/identification/"
_READS_HEADERS = "lib/identification/address.py"
_TELLS_NETWORKS = "api/v1.py"
_HEADER = re.compile(
    r"forwarded[-_]for|x[-_]real[-_]ip|proxied[-_]for|connecting[-_]ip|(true|cluster|fastly)?[-_]client[-_]ip|remote[-_]addr",
    re.IGNORECASE,
)
_WHOLE_HEADER = {"forwarded", "via"}
_ADDRESS = "VisitorAddress"
_MAKERS = {"client_address"}
_SHOWS = {"str", "repr", "ascii", "format", "hash", "bytes", "vars", "print", "getattr"}
_LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
_LOGGERS = {"_log", "log", "logger", "logging"}
_STORES = {"json", "pickle", "marshal", "shelve", "copy", "hashlib", "hmac"} | _LOGGERS
# What a log line may say: attributes that hold a word or a number of ours.
_SAID = {"reason", "name", "lineno", "__name__", "status", "code", "verdict"}


class Violation(NamedTuple):
    """A place where a rule is broken."""

    file: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}"


def violations(root: Path = ROOT) -> list[Violation]:
    """Every place of the deployed code below a folder that breaks a rule, in order."""
    files = [file for folder in _DEPLOYED for file in sorted((root / folder).rglob("*.py"))]
    trees = {file.relative_to(root).as_posix(): ast.parse(file.read_bytes()) for file in files}
    carriers = _carriers(trees.values())
    errors = {node.name for node in ast.walk(trees.get("lib/errors.py", ast.Module([], []))) if isinstance(node, ast.ClassDef)}
    return [broken for name, tree in trees.items() for broken in sorted(_File(name, tree, carriers, errors).broken())]


class _Carriers(NamedTuple):
    """What holds an address: classes, the names of their fields, and the functions that return one."""

    classes: set[str]
    fields: set[str]
    makers: set[str]


def _carriers(trees: Iterable[ast.Module]) -> _Carriers:
    nodes = [node for tree in trees for node in ast.walk(tree)]
    classes, fields, before = {_ADDRESS}, set[str](), 0
    while before != len(classes):  # a class may carry one that carries one
        before = len(classes)
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                held = {
                    _name(item.target)
                    for item in node.body
                    if isinstance(item, ast.AnnAssign) and _names(item.annotation) & classes
                }
                fields |= held
                classes |= {node.name} if held else set()
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns)
    return _Carriers(
        classes, fields, _MAKERS | {node.name for node in functions if node.returns and _names(node.returns) & classes}
    )


class _File:
    """One file's syntax, and what its names stand for."""

    def __init__(self, name: str, tree: ast.Module, carriers: _Carriers, errors: set[str]) -> None:
        self._name, self._tree, self._carriers, self._errors = name, tree, carriers, errors
        self._carrying: set[str] = set()
        for _ in range(2):  # a name may stand for a name that is met later
            self._carrying.update(self._names_that_carry())
        handlers = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type and node.name)
        self._our_errors = {node.name for node in handlers if node.type and _names(node.type) <= errors}

    def broken(self) -> Iterator[Violation]:
        for node in ast.walk(self._tree):
            yield from (Violation(self._name, getattr(node, "lineno", 1), rule) for rule in self._rules_broken_by(node))

    def _rules_broken_by(self, node: ast.AST) -> Iterator[str]:
        if self._name != _READS_HEADERS and _names_a_header(node):
            yield "only lib/identification/address.py names a header that carries an address"
        if self._name != _READS_HEADERS and _reads_the_connection(node):
            yield "nothing reads the connection's address"
        if not self._name.startswith(_HOME) and isinstance(node, ast.Attribute) and node.attr.endswith("packed"):
            yield "only lib/identification takes an address's bytes"
        if not self._name.startswith(_HOME) and self._name != _TELLS_NETWORKS and _names_own(node) == "own_network":
            yield "only api/v1.py tells callers their own network"
        if self._shows_an_address(node):
            yield "a visitor's address goes into no text, log, hash, JSON, pickle or exception"
        yield from self._rules_of_logs(node)

    def _rules_of_logs(self, node: ast.AST) -> Iterator[str]:
        if not isinstance(node, ast.Call):
            return
        if _name(node.func) == "print":
            yield "nothing is printed"
        if not _is_log_call(node):
            return
        if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
            yield "a log line is a constant text"
        if _name(node.func) == "exception" or any(keyword.arg != "stacklevel" for keyword in node.keywords):
            yield "a log line carries no traceback and no extras: they quote what was being handled"
        if not all(self._may_be_said(argument) for argument in node.args[1:]):
            yield "a log line says names, numbers and reasons of our own errors alone"

    def _may_be_said(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return _name(node.func) == "len"
        if isinstance(node, ast.Attribute):
            return node.attr in _SAID
        return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in self._our_errors)

    def _shows_an_address(self, node: ast.AST) -> bool:
        if isinstance(node, ast.FormattedValue):
            return self._carries(node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            return any(map(self._carries, node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            return any(map(self._carries, _arguments(node.exc)))
        if not isinstance(node, ast.Call):
            return False
        takes = _name(node.func) in _SHOWS | {"format", "asdict"} or _owner(node.func) in _STORES
        return takes and any(map(self._carries, _arguments(node)))

    def _carries(self, node: ast.expr) -> bool:
        """Whether an expression is, or holds, a visitor's address."""
        if isinstance(node, ast.Call):
            return _name(node.func) in self._carriers.makers | self._carriers.classes or _owner(node.func) == _ADDRESS
        if isinstance(node, ast.Attribute):
            return node.attr in self._carriers.fields
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return any(map(self._carries, node.elts))
        if isinstance(node, ast.Dict):
            return any(map(self._carries, node.values))
        return isinstance(node, ast.Name) and node.id in self._carrying

    def _holds_one(self, annotation: ast.expr) -> bool:
        # What takes an address carries none itself: Callable[[VisitorAddress], Match].
        names = _names(annotation)
        return bool(names & self._carriers.classes) and "Callable" not in names

    def _names_that_carry(self) -> Iterator[str]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation and self._holds_one(node.annotation):
                yield node.arg if isinstance(node, ast.arg) else _name(node.target)
            if isinstance(node, ast.Assign) and self._carries(node.value):
                yield from (_name(target) for target in node.targets)


def _names_a_header(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute | ast.Name):
        return bool(re.fullmatch(r"remote_addr", _name(node), re.IGNORECASE))
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str | bytes):
        return False
    text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    return bool(_HEADER.search(text)) or text.strip().lower() in _WHOLE_HEADER


def _reads_the_connection(node: ast.AST) -> bool:
    """scope["client"], scope.get("client"), request.client, getpeername()."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "client"
    if isinstance(node, ast.Call):
        asks = isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop") and node.args
        return bool(asks and isinstance(node.args[0], ast.Constant) and node.args[0].value == "client")
    return isinstance(node, ast.Attribute) and (
        node.attr == "getpeername" or (node.attr == "client" and _name(node.value) == "request")
    )


def _is_log_call(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in _LEVELS and _owner(node.func) in _LOGGERS


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _names_own(node: ast.AST) -> str:
    """The name a node stands for; of an import, what is imported."""
    return node.name if isinstance(node, ast.alias) else _name(node)


def _owner(node: ast.AST) -> str:
    return _name(node.value) if isinstance(node, ast.Attribute) else ""


def _names(node: ast.AST) -> set[str]:
    """Every name in an annotation, also where it is written as a text."""
    quoted = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return {name for part in ast.walk(node) if (name := _name(part))} | {
        name for text in quoted for name in re.findall(r"\w+", text)
    }


def main() -> int:
    """Print what breaks a rule; 1 if anything does."""
    found = violations()
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
