"""A programme document in; a rulebook, or every error with its line, out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from workflow.guards import GUARDS
from workflow.programme import Programme
from workflow.rulebook import BoundRule, Rulebook, bind
from workflow.soundness import flaws

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from workflow.guards import GuardSpec

Path = tuple[str | int, ...]

# The same safe subset read by libyaml where the package brings it: a tenth of the time.
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

_MESSAGES = {
    "missing": "thiếu mục này",
    "extra_forbidden": "mục không ai biết",
    "enum": "giá trị không có trong danh sách",
    "string_too_short": "không được để trống",
    "string_type": "phải là chữ",
    "int_parsing": "phải là số nguyên",
    "int_type": "phải là số nguyên",
    "decimal_parsing": "phải là số",
    "decimal_type": "phải là số",
    "greater_than_equal": "nhỏ hơn mức cho phép; phần trăm và điểm từ 0 đến 100",
    "less_than_equal": "lớn hơn mức cho phép; phần trăm và điểm từ 0 đến 100",
    "bool_parsing": "phải là true hoặc false",
    "date_from_datetime_parsing": "phải là ngày dạng 2023-12-31",
    "date_type": "phải là ngày dạng 2023-12-31",
    "time_parsing": "phải là giờ dạng 17:00",
    "tuple_type": "phải là danh sách",
    "dict_type": "phải là bảng khóa và giá trị",
    "model_type": "phải là bảng khóa và giá trị",
}


@dataclass(frozen=True, slots=True, order=True)
class Flaw:
    """One fault of a programme file: the line, where in the document, and what is wrong."""

    line: int
    where: str
    text: str

    def __str__(self) -> str:
        """As `programmes check` prints it."""
        return f"dòng {self.line}: {self.where}: {self.text}"


class UnsoundProgramme(Exception):
    """A programme file that cannot be used; `flaws` holds every fault, in the order of lines."""

    def __init__(self, found: Iterable[Flaw]) -> None:
        """Sort the flaws by line."""
        self.flaws = tuple(sorted(set(found)))
        super().__init__("\n".join(str(flaw) for flaw in self.flaws))


class Lines:
    """Line numbers of a YAML document by path; an unknown path answers for its parent."""

    def __init__(self) -> None:
        """Start empty; the root is line 1."""
        self._at: dict[Path, int] = {(): 1}
        self.duplicates: list[tuple[Path, int]] = []

    def learn(self, node: yaml.Node, path: Path = ()) -> None:
        """Remember where every key and item stands."""
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name, line = str(key.value), key.start_mark.line + 1
                if name in seen:
                    self.duplicates.append(((*path, name), line))
                seen.add(name)
                self._at[*path, name] = line
                self.learn(value, (*path, name))
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self._at[*path, number] = value.start_mark.line + 1
                self.learn(value, (*path, number))

    def of(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it."""
        while path not in self._at:
            path = path[:-1]
        return self._at[path]


def content_hash(text: str, source: str) -> str:
    """SHA-256 over the programme file and its source text: the version a dossier stores."""
    return hashlib.sha256(f"{text}\0{source}".encode()).hexdigest()


def load(text: str, source: str, guards: Mapping[str, GuardSpec] = GUARDS) -> Rulebook:
    """Read a programme file with its source text.

    Raises `UnsoundProgramme` with every error at once: shape, unknown guard, wrong parameter,
    quotation not found, unsound workflow.
    """
    programme, rules, lines, found = _parse(text, guards)
    found += [Flaw(lines.of(path), _name(path), words) for path, words in flaws(programme, source)]
    if found:
        raise UnsoundProgramme(found)
    return bind(programme.with_hash(content_hash(text, source)), rules)


def reopen(text: str, source: str, guards: Mapping[str, GuardSpec] = GUARDS) -> Rulebook:
    """Read a version again that was found sound when it was loaded.

    What counts as sound may have grown since; dossiers under an older version keep their law.
    Raises `UnsoundProgramme` when the file cannot be understood at all.
    """
    programme, rules, _, found = _parse(text, guards)
    if found:
        raise UnsoundProgramme(found)
    return bind(programme.with_hash(content_hash(text, source)), rules)


def _parse(
    text: str, guards: Mapping[str, GuardSpec]
) -> tuple[Programme, dict[str, BoundRule], Lines, list[Flaw]]:
    document, lines = _read(text)
    found = [Flaw(line, _name(path), "mục này ghi hai lần") for path, line in lines.duplicates]
    try:
        programme = Programme.model_validate(document)
    except ValidationError as error:
        shape = [_flaw(lines, detail) for detail in error.errors()]
        raise UnsoundProgramme([*found, *shape, *_loose_guards(document, lines, guards)]) from None
    rules, bad = _bind_rules(programme, lines, guards)
    return programme, rules, lines, [*found, *bad]


def _read(text: str) -> tuple[Any, Lines]:
    lines = Lines()
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None, lines
        lines.learn(node)
        return loader.construct_document(node), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise UnsoundProgramme([Flaw(line, "tệp", f"không đọc được YAML: {error}")]) from None


def _name(path: Path) -> str:
    return ".".join(str(step) for step in path) or "tệp"


def _flaw(lines: Lines, detail: ErrorDetails) -> Flaw:
    path: Path = tuple(detail["loc"])
    said = _MESSAGES.get(detail["type"], detail["msg"])
    return Flaw(lines.of(path), _name(path), said)


def _loose_guards(
    document: object, lines: Lines, guards: Mapping[str, GuardSpec]
) -> Iterable[Flaw]:
    """Unknown guards are reported even while the shape of the file is wrong elsewhere."""
    rules = document.get("rules", []) if isinstance(document, dict) else []
    for number, rule in enumerate(rules if isinstance(rules, list) else []):
        name = rule.get("guard") if isinstance(rule, dict) else None
        if isinstance(name, str) and name not in guards:
            path = ("rules", number, "guard")
            yield Flaw(lines.of(path), _name(path), f"không có bộ kiểm tra tên “{name}”")


def _bind_rules(
    programme: Programme, lines: Lines, guards: Mapping[str, GuardSpec]
) -> tuple[dict[str, BoundRule], list[Flaw]]:
    bound: dict[str, BoundRule] = {}
    found: list[Flaw] = []
    for number, rule in enumerate(programme.rules):
        spec = guards.get(rule.guard)
        if spec is None:
            path: Path = ("rules", number, "guard")
            found.append(
                Flaw(lines.of(path), _name(path), f"không có bộ kiểm tra tên “{rule.guard}”")
            )
            continue
        try:
            params = spec.parameters.model_validate(rule.params)
        except ValidationError as error:
            for detail in error.errors():
                path = ("rules", number, "params", *detail["loc"])
                said = _MESSAGES.get(detail["type"], detail["msg"])
                found.append(Flaw(lines.of(path), _name(path), said))
            continue
        bound[rule.id] = BoundRule(rule, partial(_call, spec, params))
    return bound, found


def _call(spec: GuardSpec, params: Any, case: Any) -> Any:  # noqa: ANN401 - typed by the spec
    return spec.ask(case, params)
