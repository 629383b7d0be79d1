"""Decide what a path is answered with, by the compiled routes of vercel.json.

Source: Vercel's Build Output API, "Routes". Only what vercel.json here can compile to is understood; anything else is
refused at start rather than ignored.
"""

import json
import re
import subprocess
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from dev.stack.layout import ROOT

_UNDERSTOOD = {"src", "headers", "status", "continue", "handle", "dest", "check"}


@dataclass
class Answer:
    """What to answer a path with: a file, a function, or a status alone; `headers` are added in each case."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    function: str | None = None


class Routes:
    """vercel.json's routes over a folder of public files and the functions' names."""

    def __init__(self, compiled: list[dict[str, Any]], public: Path, functions: set[str]) -> None:
        unknown = {key for route in compiled for key in route} - _UNDERSTOOD
        if unknown:
            raise ValueError(f"vercel.json compiles to route keys the local edge does not know: {sorted(unknown)}")
        phases = _phases(compiled)
        self._before, self._after = phases[""], phases.get("filesystem", [])
        # What is built has an error page of its own; before it is built, the file's name says it.
        self._errors = phases.get("error", [{"src": "^.*$", "status": 404, "dest": "/404.html"}])
        self._public = public.resolve()
        self._functions = functions

    def find_answer(self, path: str) -> Answer:
        """Follow the routes for a path: headers and redirects, then files and functions, then rewrites."""
        answer = Answer()
        for route in self._before:
            match = _match(route, path)
            if match is None:
                continue
            headers = {name.lower(): match.expand(_groups(value)) for name, value in route.get("headers", {}).items()}
            answer.headers |= headers
            if "status" in route:
                answer.status = route["status"]
                return answer
        if self._serve(path, answer):
            return answer
        for route in self._after:
            match = _match(route, path)
            if match is None:
                continue
            if "dest" not in route:
                answer.status = route["status"]
                break
            if self._serve(match.expand(_groups(route["dest"])).partition("?")[0], answer):
                return answer
        answer.status = HTTPStatus.NOT_FOUND
        page = next((route for route in self._errors if _match(route, path)), None)
        if page:
            self._serve(page["dest"], answer)
        return answer

    def _serve(self, path: str, answer: Answer) -> bool:
        if path.removeprefix("/") in self._functions:
            answer.function = path.removeprefix("/")
            return True
        answer.file = self._find_file(path)
        return answer.file is not None

    def _find_file(self, path: str) -> Path | None:
        if "\0" in path:  # no file's name has it, and to ask for one raises
            return None
        file = (self._public / (path.removeprefix("/") or "index.html")).resolve()
        return file if file.is_file() and file.is_relative_to(self._public) else None


def compile_routes(vercel_json: Path) -> list[dict[str, Any]]:
    """Let Vercel's own library compile vercel.json."""
    command = ["node", str(Path(__file__).with_name("routes.mjs")), str(vercel_json)]
    compiled: list[dict[str, Any]] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return compiled


def _phases(compiled: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The routes by the phase they are asked in: "" for those that come first."""
    phases: dict[str, list[dict[str, Any]]] = {"": []}
    phase = ""
    for route in compiled:
        if "handle" in route:
            phase = route["handle"]
            phases[phase] = []
        else:
            phases[phase].append(route)
    return phases


def _match(route: dict[str, Any], path: str) -> re.Match[str] | None:
    return re.match(route["src"].replace("(?<", "(?P<"), path) if "src" in route else None


def _groups(template: str) -> str:
    """JavaScript writes a group as $1, Python as \\g<1>; an unmatched group is empty in both."""
    return re.sub(r"\$(\d)", r"\\g<\1>", template.replace("\\", "\\\\"))
