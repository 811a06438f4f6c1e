"""The evidence bundle: it proves itself with Python alone, and any change of it is found."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from models.database import Database, open_database
from models.deciding import correct, publish
from models.editing import ChooseAward
from models.evidence import contents
from models.evidence.bundling import LostFiles
from models.evidence.packing import Bundle, Changed, Part, save
from models.files import FileStore
from tests import builders as build
from tests.evidence import (
    LATER,
    PDF,
    Forgery,
    a_rejected,
    a_revoked,
    a_store,
    bundled,
    members,
    seal,
    stored_papers,
    taken_apart,
    verified,
)
from tests.tiers import SEED, count
from workflow.decisions import Accepted
from workflow.facts import ExtensionInput, HoldInput, SupplementInput, SuspensionInput
from workflow.vocabulary import Action, DocumentKind, State

STATES: dict[str, tuple[Callable[[Database], str], State]] = {
    "registered": (build.a_registered, State.REGISTERED),
    "submitted": (build.a_submitted, State.SUBMITTED),
    "rejected": (a_rejected, State.REJECTED),
    "revoked": (a_revoked, State.REVOKED),
}
"""On the way to a revocation lies everything else: one engine is tried with that alone."""
ALONE = [sys.executable, "-I", "-S", "verify.py"]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    """A store the builders' papers really lie in."""
    kept = a_store(tmp_path / "files")
    monkeypatch.setattr(build, "a_paper", stored_papers(kept))
    return kept


@pytest.fixture(scope="module")
def decided(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a decided dossier, sealed; nobody writes to it."""
    folder = tmp_path_factory.mktemp("decided")
    shutil.copyfile(sqlite_template, folder / "record.sqlite")
    database, kept = open_database(f"sqlite:///{folder / 'record.sqlite'}"), a_store(folder / "f")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "a_paper", stored_papers(kept))
        code = build.a_decided(database)
    seal(database)
    path = bundled(database, kept, code, folder / "HS.zip")
    database.close()
    return path


@pytest.mark.parametrize("name", STATES)
def test_a_bundle_proves_itself(
    sqlite_database: Database, store: FileStore, tmp_path: Path, name: str
) -> None:
    proves_itself(sqlite_database, store, tmp_path, name)


@pytest.mark.postgres
def test_a_bundle_of_the_shared_engine_proves_itself(
    postgres_opened: Database, store: FileStore, tmp_path: Path
) -> None:
    proves_itself(postgres_opened, store, tmp_path, "revoked")


def proves_itself(database: Database, store: FileStore, folder: Path, name: str) -> None:
    make, state = STATES[name]
    code = make(database)
    assert build.the_dossier(database, code).state is state
    seal(database)
    faults, said = verified(bundled(database, store, code, folder / "HS.zip"))
    assert not faults
    for words in ("chạy lại ra đúng", "Chuỗi", "niêm phong", code, state.value):
        assert words in said


def test_python_alone_is_enough_in_an_empty_folder(decided: Path, tmp_path: Path) -> None:
    shutil.copyfile(decided, tmp_path / "HS.zip")
    with zipfile.ZipFile(decided) as archive:
        archive.extract("verify.py", tmp_path)
    done = subprocess.run(
        [*ALONE, "HS.zip"], cwd=tmp_path, env={}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()
    assert "NGUYÊN VẸN / whole" in done.stdout.decode()
    for broken, code in ((decided.read_bytes()[:-9], 2), (b"", 2)):
        (tmp_path / "HS.zip").write_bytes(broken)
        assert subprocess.run([*ALONE, "HS.zip"], cwd=tmp_path, check=False).returncode == code


def test_unpacked_it_proves_itself_too(decided: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(decided) as archive:
        archive.extractall(tmp_path)
    assert subprocess.run([*ALONE, "."], cwd=tmp_path, check=False).returncode == 0
    spoiled = tmp_path / "letters.jsonl"
    spoiled.write_bytes(spoiled.read_bytes().replace(b"H", b"h", 1))
    assert subprocess.run([*ALONE, "."], cwd=tmp_path, check=False).returncode == 1


def test_a_dossier_with_much_behind_it_proves_itself(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    database, code = sqlite_database, build.a_written(sqlite_database)
    superior = f"appraiser@{build.PROVINCE}"
    until = build.AUTUMN + timedelta(days=20)
    longer, stop = ExtensionInput(until), SuspensionInput(until.date(), until.date(), "")
    for action, inputs in ((Action.GRANT_EXTENSION, longer), (Action.SUSPEND, stop)):
        build.taken(
            build.step(
                database, code, superior, action, inputs, now=build.AUTUMN, comment="Lũ quét."
            )
        )
    again = build.a_paper(DocumentKind.BAO_CAO_THANH_TICH, filling="b")
    build.taken(build.change(database, code, again))
    build.step(database, code, "clerk@H029", Action.SUBMIT, now=until + timedelta(days=9))
    build.taken(build.step(database, code, "head@H029", Action.SUBMIT, now=build.AUTUMN))
    faults, said = verified(bundled(database, store, code, tmp_path / "HS.zip"))
    assert not faults
    assert "dòng chưa niêm phong" in said
    with zipfile.ZipFile(tmp_path / "HS.zip") as archive:
        assert "documents/BAO_CAO_THANH_TICH-1.pdf" in archive.namelist()
        refused = [json.loads(one) for one in archive.read("evaluations.jsonl").splitlines()]
    assert any(not one["content"]["allowed"] for one in refused)


# --- One changed byte, anywhere ------------------------------------------------------------------


@pytest.mark.slow
def test_a_changed_byte_of_any_file_is_found(decided: Path, tmp_path: Path) -> None:
    whole, chance = decided.read_bytes(), random.Random(SEED)
    spoiled = tmp_path / "spoiled.zip"
    for name, begin, size in members(decided):
        places = {
            begin,
            begin + size - 1,
            *chance.choices(range(begin, begin + size), k=count(1, 9)),
        }
        for place in sorted(places):
            spoiled.write_bytes(flipped(whole, place, chance))
            faults = spotted(spoiled)
            assert any(name in one for one in faults), (name, place - begin, faults)


@pytest.mark.slow
def test_a_changed_byte_between_the_files_is_found(decided: Path, tmp_path: Path) -> None:
    whole, chance = decided.read_bytes(), random.Random(SEED)
    inside = {at for _, begin, size in members(decided) for at in range(begin, begin + size)}
    between = [at for at in range(len(whole)) if at not in inside]
    spoiled = tmp_path / "spoiled.zip"
    for place in chance.sample(between, count(60, len(between))):
        spoiled.write_bytes(flipped(whole, place, chance))
        assert spotted(spoiled), place
    for longer in (whole + b"\0", b"\0" + whole, whole[:-1]):
        spoiled.write_bytes(longer)
        assert spotted(spoiled)


def spotted(path: Path) -> list[str]:
    """The faults the first part of the verifier finds: in files and what is around them."""
    return verified(path, only_files=True)[0]


def flipped(whole: bytes, place: int, chance: random.Random) -> bytes:
    """The same bytes but for one bit."""
    changed = bytearray(whole)
    changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["removed", "added", "swapped", "twice"])
def test_files_removed_added_or_swapped_are_found(decided: Path, tmp_path: Path, kind: str) -> None:
    files = taken_apart(decided).files
    names = [name for name in files if name != "manifest.json"]
    for number, name in enumerate(names):
        other = names[number - 1]
        told = list(files.items())
        if kind == "removed":
            told.remove((name, files[name]))
        elif kind == "added":
            told.insert(number, (f"documents/them-{number}.pdf", PDF))
        elif kind == "swapped":
            told = [
                (other if key == name else name if key == other else key, one) for key, one in told
            ]
        else:
            told.append((name, files[name]))
        path = zipped(told, tmp_path / "spoiled.zip")
        assert spotted(path), (kind, name)


def zipped(files: list[tuple[str, bytes]], path: Path) -> Path:
    """Any files as a ZIP."""
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Two entries of one name are meant.
        for name, content in files:
            archive.writestr(name, content)
    return path


# --- Lies with fitting hashes --------------------------------------------------------------------


def flip_a_verdict(lie: Forgery) -> None:
    result = next(one for one in lie.evaluation("confirm_check")["results"] if one["rule"] == "R07")
    result["finding"] |= {"outcome": "not_met", "code": "INDEX_TOO_LOW"}


def lower_a_score(lie: Forgery) -> None:
    (score,) = lie.evaluation("decide")["facts"]["dossier"]["scores"]
    score["value"] = {"$decimal": "79.00"}


def raise_a_score(lie: Forgery) -> None:
    """The verdict stays; the figure it was found on does not."""
    (score,) = lie.evaluation("decide")["facts"]["dossier"]["scores"]
    score["value"] = {"$decimal": "99.00"}


def let_the_clerk_decide(lie: Forgery) -> None:
    lie.evaluation("decide")["facts"]["actor"]["roles"] = ["clerk"]


def decide_after_the_programme(lie: Forgery) -> None:
    record = lie.evaluation("decide")
    record["facts"]["inputs"]["decision"]["dated"] = {"$date": "2023-11-01"}
    record["facts"]["dossier"]["decision"]["dated"] = {"$date": "2023-11-01"}


def soften_a_clause(lie: Forgery) -> None:
    lie.evaluation("decide")["results"][0]["quote"] = "tùy ý"


def drop_a_rule(lie: Forgery) -> None:
    del lie.evaluation("decide")["results"][5]


def swap_a_paper(lie: Forgery) -> None:
    """Another file under the name, hash and size of the manifest, as of the history before."""
    lie.files["documents/TO_TRINH-1.pdf"] = PDF


def swap_a_paper_in_the_dossier(lie: Forgery) -> None:
    paper = next(one for one in lie.dossier["documents"] if one["kind"] == "TO_TRINH")
    paper["signer"] = "Người khác"


def swap_a_paper_in_the_facts(lie: Forgery) -> None:
    lie.evaluation("decide")["facts"]["dossier"]["documents"][0]["sha256"] = "0" * 64


def change_the_votes_kept(lie: Forgery) -> None:
    lie.dossier["council_results"][0]["votes_for"] = 8


def change_the_votes_judged(lie: Forgery) -> None:
    lie.evaluation("decide")["facts"]["dossier"]["council"]["votes_against"] = 0
    lie.evaluation("decide")["facts"]["dossier"]["council"]["votes_for"] = 8


def change_the_number(lie: Forgery) -> None:
    lie.dossier["decision"][0] = "1/QĐ-UBND"


def stand_elsewhere(lie: Forgery) -> None:
    lie.dossier["state"] = "board_checked"


def lead_elsewhere(lie: Forgery) -> None:
    own = [one for one in lie.history if one["body"]["stream"] == lie.dossier["stream"]]
    own[-1]["body"]["to_state"] = lie.dossier["state"] = "rejected"


def hide_an_act(lie: Forgery) -> None:
    """Whoever checked decides too, and the fact that would show it is gone."""
    del lie.evaluation("decide")["facts"]["dossier"]["acts"][-2]


def better_a_mark(lie: Forgery) -> None:
    lie.evaluation("confirm_check")["facts"]["dossier"]["marks"][0]["note"] = "rất tốt"


def forget_the_last_line(lie: Forgery) -> None:
    own = [one for one in lie.history if one["body"]["stream"] == lie.dossier["stream"]]
    lie.history.remove(own[-1])


def forget_an_evaluation(lie: Forgery) -> None:
    lie.evaluations = [one for one in lie.evaluations if one["content"]["action"] != "decide"]


def forget_a_fact(lie: Forgery) -> None:
    del lie.evaluation("decide")["facts"]["dossier"]["hold"]


def change_the_programme(lie: Forgery) -> None:
    name = next(one for one in lie.files if one.endswith("programme.yaml"))
    lie.files[name] = lie.files[name].replace(b"minimum: 80", b"minimum: 70")


def change_the_clause(lie: Forgery) -> None:
    name = next(one for one in lie.files if one.endswith("clauses.json"))
    lie.files[name] = lie.files[name].replace("80 điểm".encode(), "70 điểm".encode())


def change_the_clock(lie: Forgery) -> None:
    name = next(one for one in lie.files if one.endswith("zone.json"))
    lie.files[name] = lie.files[name].replace(b"25200", b"28800")


LIES: dict[Callable[[Forgery], None], str] = {
    flip_a_verdict: "R07",
    lower_a_score: "R07",
    raise_a_score: "R07",
    let_the_clerk_decide: "WRONG_ROLE",
    decide_after_the_programme: "R20d",
    soften_a_clause: "căn cứ",
    drop_a_rule: "điều kiện",
    swap_a_paper: "documents",
    swap_a_paper_in_the_dossier: "documents",
    swap_a_paper_in_the_facts: "documents",
    change_the_votes_kept: "council_results",
    change_the_votes_judged: "council",
    change_the_number: "decision",
    stand_elsewhere: "state",
    lead_elsewhere: "evaluation was changed",
    hide_an_act: "acts",
    better_a_mark: "marks",
    forget_the_last_line: "missing",
    forget_an_evaluation: "evaluation",
    forget_a_fact: "hold",
    change_the_programme: "mã bản",
    change_the_clause: "nguyên văn",
    change_the_clock: "Asia/Ho_Chi_Minh",
}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_with_fitting_hashes_is_found(
    decided: Path, tmp_path: Path, lie: Callable[[Forgery], None]
) -> None:
    forged = taken_apart(decided)
    lie(forged)
    forged.rehash()
    faults, said = verified(forged.packed(tmp_path / "forged.zip"))
    assert any(LIES[lie] in one for one in faults), said


def test_a_forgery_without_a_lie_is_the_bundle_itself(decided: Path, tmp_path: Path) -> None:
    """What makes the lies fit changes nothing of a bundle that is true."""
    forged = taken_apart(decided)
    forged.rehash()
    assert forged.packed(tmp_path / "forged.zip").read_bytes() == decided.read_bytes()


def test_a_whole_rewrite_shows_only_against_a_checkpoint_kept_elsewhere(
    decided: Path, tmp_path: Path
) -> None:
    kept = taken_apart(decided).dossier["checkpoint"]
    outside = f"{kept['size']}:{kept['hash']}"
    assert verified(decided, outside)[0] == []
    forged = taken_apart(decided)
    forged.history[-1]["body"]["actor_name"] = "Người khác"
    forged.rehash()
    path = forged.packed(tmp_path / "forged.zip")
    assert verified(path)[0] == []
    assert any("khác mốc" in one for one in verified(path, outside)[0])
    assert any("không có mốc" in one for one in verified(decided, "999999:00")[0])


def test_an_older_record_is_said_not_to_be_run_again(decided: Path, tmp_path: Path) -> None:
    forged = taken_apart(decided)
    for one in forged.evaluations:
        del one["content"]["facts"]["form"]
    del forged.evaluation("decide")["facts"]["dossier"]["agenda"]
    del forged.evaluation("decide")["facts"]["dossier"]["hold"]
    forged.rehash()
    faults, said = verified(forged.packed(tmp_path / "forged.zip"))
    assert not faults
    assert "không chạy lại được" in said


# --- How it is made ------------------------------------------------------------------------------


def test_the_same_record_gives_the_same_bytes_but_for_the_stamp(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    codes = [build.a_submitted(sqlite_database, unit) for unit in ("H029", "H026", "SNV")]
    seal(sqlite_database)
    for code in codes:
        first, second, later = (
            bundled(sqlite_database, store, code, tmp_path / f"{number}.zip", now)
            for number, now in enumerate((LATER, LATER, LATER + timedelta(days=1)))
        )
        assert first.read_bytes() == second.read_bytes()
        one, other = taken_apart(first).files, taken_apart(later).files
        assert {name for name in one if one[name] != other[name]} == {"manifest.json"}


@pytest.mark.postgres
def test_both_engines_give_the_same_bundle(
    sqlite_opened: Database, postgres_opened: Database, store: FileStore, tmp_path: Path
) -> None:
    paths = []
    for database in (sqlite_opened, postgres_opened):
        code = build.a_submitted(database)
        seal(database)
        name = database.engine.dialect.name
        paths.append(bundled(database, store, code, tmp_path / f"{name}.zip"))
    one, other = (taken_apart(path).files for path in paths)
    # The record of each row's change is salted, so the log has another end on each engine.
    sealed = {"dossier.json", "manifest.json", "seals.jsonl"}
    assert {name for name in one if one[name] != other[name]} <= sealed
    told, again = (json.loads(files["dossier.json"]) for files in (one, other))
    assert told.pop("checkpoint")["size"] == again.pop("checkpoint")["size"]
    assert told == again


def test_a_lost_or_changed_file_is_named_before_anything_is_packed(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    code = build.a_submitted(sqlite_database)
    (lost,) = [path for path in store.folder.rglob("*") if path.is_file()]
    lost.chmod(0o640)
    lost.write_bytes(PDF)
    with pytest.raises(LostFiles, match="bao_cao_thanh_tich"):
        bundled(sqlite_database, store, code, tmp_path / "HS.zip")
    assert not (tmp_path / "HS.zip").exists()


def test_memory_stays_flat_however_large_the_papers(tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    paper.write_bytes(b"x" * 8_000_000)
    hashed = hashlib.sha256(paper.read_bytes()).hexdigest()
    bundle = Bundle("HS", LATER)
    for number in range(8):
        path = f"documents/{number}.pdf"
        bundle.parts.append(Part(path, hashed, 8_000_000, lambda: paper.open("rb")))
    bundle.add_lines("lines.jsonl", ({"line": "y" * 1000} for _ in range(3000)))
    tracemalloc.start()
    size = sum(len(piece) for piece in bundle.packed())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 64_000_000
    assert peak < 3_000_000


def test_a_paper_changed_while_it_is_packed_breaks_the_zip_off(tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    paper.write_bytes(PDF)
    bundle = Bundle("HS", LATER, [Part("documents/1.pdf", "0" * 64, 1, lambda: paper.open("rb"))])
    with pytest.raises(Changed):
        save(bundle, tmp_path / "HS.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]


def test_a_decision_taken_back_then_corrected_before_it_is_published_proves_itself(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    database, head = sqlite_database, f"head@{build.PROVINCE}"
    code = build.a_checked(database)
    waiting = replace(build.a_decision("2101/QĐ-UBND"), publish=False)
    build.taken(build.step(database, code, head, Action.DECIDE, waiting))
    build.taken(build.step(database, code, head, Action.RETRACT, comment="Nhầm danh sách."))
    again = replace(build.a_decision("2102/QĐ-UBND"), publish=False)
    build.taken(build.step(database, code, head, Action.DECIDE, again))
    decision_id = build.the_dossier(database, code).decision_id
    assert decision_id is not None
    right = replace(again.decision, number="2103/QĐ-UBND")
    me = build.who(database, head)
    with database.writing() as session:
        assert correct(session, decision_id, right, "Ghi sai số.", me, build.NOW) is None
    assert publish(database, decision_id, (), me, build.NOW) is None
    seal(database)
    path = bundled(database, store, code, tmp_path / "HS.zip")
    assert verified(path)[0] == []
    forged = taken_apart(path)
    assert forged.dossier["decision"][0] == "2103/QĐ-UBND"
    forged.history = [one for one in forged.history if one["body"]["action"] != "correct_decision"]
    forged.rehash()
    faults, _ = verified(forged.packed(tmp_path / "forged.zip"))
    assert any("decision" in one for one in faults)


def test_an_approval_that_fell_proves_itself(
    sqlite_database: Database, store: FileStore, tmp_path: Path
) -> None:
    database, appraiser = sqlite_database, f"appraiser@{build.PROVINCE}"
    code = build.a_reviewed(database)
    hold = HoldInput("Thanh tra tỉnh, đơn số 12")
    build.taken(build.step(database, code, appraiser, Action.HOLD, hold, comment="Có đơn."))
    build.taken(build.step(database, code, appraiser, Action.RELEASE_HOLD, comment="Đã rõ."))
    report = DocumentKind.BAO_CAO_THANH_TICH
    asked = SupplementInput(("Nêu số liệu.",), (report,), build.NOW + timedelta(days=4))
    request = Action.REQUEST_SUPPLEMENT
    build.taken(build.step(database, code, appraiser, request, asked, comment="Thiếu số liệu."))
    clerk, later = "clerk@H029", build.NOW + timedelta(hours=1)
    refused = build.step(database, code, clerk, Action.SEND_SUPPLEMENT, now=later)
    assert not isinstance(refused, Accepted)
    paper = build.a_paper(report, filling="c")
    build.taken(build.change(database, code, paper, by=clerk, now=later))
    build.taken(build.step(database, code, clerk, Action.SEND_SUPPLEMENT, now=later))
    assert build.the_dossier(database, code).state is State.SUBMITTED
    seal(database)
    assert verified(bundled(database, store, code, tmp_path / "HS.zip"))[0] == []


def test_too_many_seals_leave_only_the_dossiers_own_and_the_verifier_says_so(
    sqlite_database: Database,
    store: FileStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = build.a_registered(sqlite_database)
    build.a_registered(sqlite_database, "H026")
    build.taken(build.change(sqlite_database, code, ChooseAward("BANG_KHEN_TINH")))
    seal(sqlite_database)
    monkeypatch.setattr(contents, "MOST_SEALS", 3)
    faults, said = verified(bundled(sqlite_database, store, code, tmp_path / "HS.zip"))
    assert not faults
    assert "1 khoảng không kèm" in said
    streams = {one["stream"] for one in taken_apart(tmp_path / "HS.zip").seals}
    assert streams == {"registration:1", "dossier:1"}
