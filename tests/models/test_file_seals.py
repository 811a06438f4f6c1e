"""Twelve signed PDFs and what is found of each; no bit turned ever ends in an exception (P24)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from random import Random

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from models.file_seals import SealVerdict, read_trust_list, signed
from models.file_views import FileViews
from models.files import FileStore
from models.guarded import run_guarded
from models.guarding import sealing
from tests.signing import (
    TODAY,
    YEAR,
    Authority,
    Signer,
    bit_flipped,
    told,
    unsigned,
    with_a_script,
    with_an_empty_update,
    with_another_page,
)
from tests.tiers import SEED, count

Case = Callable[["Office"], bytes]


class Office:
    """An authority that is trusted, one that is not, and a letter signed under each."""

    def __init__(self) -> None:
        self.trusted, self.stranger = Authority(), Authority("CA lạ")
        self.head: Signer = self.trusted.signer("Phàn A Lình")
        self.good = self.head.sign(unsigned())

    def expired(self) -> bytes:
        return self.trusted.signer("Người cũ", TODAY - 3 * YEAR, 2 * YEAR).sign(unsigned())


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


def resaved(content: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(out)
    return out.getvalue()


CASES: tuple[tuple[str, Case, list[str]], ...] = (
    ("good", lambda o: o.good, ["good"]),
    ("bit flipped", lambda o: bit_flipped(o.good, o.good.index(b"/MediaBox") + 2), ["altered"]),
    ("page added", lambda o: with_another_page(o.good), ["altered"]),
    ("script added", lambda o: with_a_script(o.good), ["altered"]),
    ("bytes behind", lambda o: o.good + b"\nmore\n", ["partial"]),
    ("saved again", lambda o: resaved(o.good), ["altered"]),
    ("unknown authority", lambda o: o.stranger.signer("Ai đó").sign(unsigned()), ["untrusted"]),
    ("expired", lambda o: o.expired(), ["expired"]),
    ("taken back", lambda o: o.good, ["revoked"]),
    (
        "two signatures",
        lambda o: o.trusted.signer("Sùng Thị Mai").sign(o.good, "Chu-ky-2"),
        ["good", "good"],
    ),
    ("covers a part", lambda o: with_an_empty_update(o.good), ["partial"]),
    ("none", lambda o: unsigned(), []),
)


@pytest.mark.planted
@pytest.mark.promise("P24")
@pytest.mark.parametrize(("name", "make", "verdicts"), CASES, ids=[one[0] for one in CASES])
def test_each_signature_gets_its_verdict(
    office: Office, tmp_path: Path, name: str, make: Case, verdicts: list[str]
) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(make(office))
    lists = (office.trusted.revoked(office.head),) if name == "taken back" else ()
    answer = run_guarded("seals", path, told(office.trusted, lists=lists))
    assert answer.failure is None, answer
    assert [one["verdict"] for one in answer.content["seals"]] == verdicts
    assert path.read_bytes() == make(office) or name not in {"good", "taken back"}
    assert answer.memory <= 150 * 1024 * 1024


@pytest.mark.promise("P24")
def test_no_turned_bit_is_an_exception(office: Office, tally: Callable[[str, int], None]) -> None:
    """The task itself is asked: what it let out, the process around it would still catch."""
    chance, times, wanted = Random(SEED), count(100, 2_000, 10_000), told(office.trusted)
    for _ in range(times):
        content = bytearray(office.good)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        seals = sealing.run(io.BytesIO(bytes(content)), wanted)["seals"]
        assert all(SealVerdict(one["verdict"]) for one in seals)
    tally("turned bits", times)


def test_without_a_trusted_authority_nobody_is_known(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(office.good)
    found = run_guarded("seals", path, told()).content["seals"]
    assert [(one["verdict"], one["signer"]) for one in found] == [("untrusted", "Phàn A Lình")]


def test_the_folder_of_authorities_is_the_list(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "roots"
    folder.mkdir()
    assert read_trust_list(None) == read_trust_list(folder)
    (folder / "goc.pem").write_bytes(office.trusted.certificate.public_bytes(Encoding.PEM))
    one = read_trust_list(folder)
    assert (one.authorities, one.faults) == (1, ())
    (folder / "thu-hoi.crl").write_bytes(office.trusted.revoked(office.head))
    (folder / "la.cer").write_bytes(office.stranger.der)
    (folder / "ghi-chu.txt").write_text("không phải chứng thư", "utf-8")
    more = read_trust_list(folder)
    assert (more.authorities, more.faults) == (2, ("ghi-chu.txt",))
    assert one.name != more.name
    store = FileStore(tmp_path / "files")
    sha256 = store.put(io.BytesIO(office.good), "a.pdf").sha256
    views = FileViews(store)
    assert views.seals(sha256, one, TODAY).found[0].verdict is SealVerdict.GOOD
    assert views.seals(sha256, more, TODAY).found[0].verdict is SealVerdict.REVOKED
    later = views.seals(sha256, one, TODAY + 3 * YEAR)
    assert later.found[0].verdict is SealVerdict.EXPIRED
    assert store.path_of(sha256).read_bytes() == office.good


def test_a_file_without_the_mark_is_not_even_asked(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(unsigned())
    assert not signed(path)
