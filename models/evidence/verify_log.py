#!/usr/bin/env python3
"""Check an export of the audit log against signed checkpoints that were kept elsewhere.

    python verify_log.py LOG.jsonl --key 'name+id+key' [CHECKPOINT.txt | FOLDER ...]

One file, the standard library of Python 3.8 or newer. Exit code 0: whole; 1: faults, each on a line of its own; 2: not readable.

The log is one JSON object a line, in the order of the seals: `seal` is [number, previous hash,
hash] or null for what was not sealed yet; then stream, seq, prev, hash, body. What is checked:
hash = SHA-256(tag, 0, previous, 0, body); each seal and each line follows the one before; every
checkpoint is signed by one of the keys, and the seal of its number has its hash.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import pathlib
import sys
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

Point = Tuple[int, int, int, int]
Keys = Dict[Tuple[str, bytes], bytes]
Kept = Dict[int, Dict[str, str]]
Tell = Callable[[Any, Any], Any]

LINE, SEAL = b"history-line-1\0", b"sealed-line-1\0"


def hashed(tag: bytes, previous: str, body: str) -> str:
    """SHA-256(tag, 0, previous hash, 0, canonical JSON), in hexadecimal."""
    return hashlib.sha256(tag + previous.encode() + b"\0" + body.encode()).hexdigest()


def sealed(seq: int, stream: str, line_seq: int, line_hash: str) -> str:
    """The canonical JSON of a seal: sorted keys, no spaces, letters as they are."""
    name = json.dumps(stream, ensure_ascii=False)
    return '{"line_hash":"%s","line_seq":%d,"seq":%d,"stream":%s}' % (
        line_hash,
        line_seq,
        seq,
        name,
    )


def check(lines: Iterable[str], checkpoints: Kept, tell: Tell) -> int:
    """Read the log once; `checkpoints` is {size: {hash: where it was found}}. Returns the size."""
    heads: Dict[str, Tuple[int, str]] = {}
    size, last, seal = 0, "", None
    for number, text in enumerate(lines, 1):
        try:
            line = json.loads(text)
            stream, seq, own, body = line["stream"], line["seq"], line["hash"], line["body"]
            loose, seal, told = number > 1 and seal is None, line["seal"], json.loads(body)
            if hashed(LINE, line["prev"], body) != own or (told["stream"], told["seq"]) != (
                stream,
                seq,
            ):
                tell((stream, seq), "nội dung không khớp mã băm / content does not match its hash")
            if (seq - 1, line["prev"]) != heads.get(stream, (0, "")):
                tell((stream, seq), "không nối vào dòng trước / does not follow the line before it")
            heads[stream] = seq, own
            if seal is None:
                continue
            if loose or seal[:2] != [size + 1, last]:
                tell(
                    (stream, seq),
                    "niêm phong %s bị thiếu hoặc đổi chỗ / seal out of order" % seal[0],
                )
            if hashed(SEAL, seal[1], sealed(seal[0], stream, seq, own)) != seal[2]:
                tell((stream, seq), "niêm phong không khớp mã băm / seal does not match its hash")
            size, last = seal[0], seal[2]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            tell(number, "không đọc được dòng này / the line cannot be read")
            continue
        for wanted, found in checkpoints.pop(size, {}).items():
            if wanted != last:
                tell(found, "nhật ký khác với mốc này / the log differs from this checkpoint")
    for missing, at in sorted(checkpoints.items()):
        tell(list(at.values()), "nhật ký ngắn hơn mốc %d / the log is shorter than it" % missing)
    return size


# Checkpoints: C2SP signed notes, with Ed25519 as RFC 8032 has it.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(one: Point, other: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            found = add(found, point)
        point, factor = add(point, point), factor >> 1
    return found


def point_of(raw: bytes) -> Optional[Point]:
    """Read 32 bytes as a point; None when they are none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def signed(key: bytes, text: bytes, signature: bytes) -> bool:
    """Is this the signature of these bytes by this public key?"""
    a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    (x1, y1, z1, _), (x2, y2, z2, _) = times(s, BASE), add(r, times(h, a))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def keys_of(texts: Iterable[str]) -> Keys:
    """Read public keys, `name+id+key`; raises ValueError."""
    found = {}
    for text in texts:
        name, told, written = text.strip().split("+", 2)
        raw = base64.b64decode(written, validate=True)
        own = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if len(raw) != 33 or raw[:1] != b"\1" or own.hex() != told:
            raise ValueError("%s: không phải khóa công khai / is no public key" % text)
        found[name, own] = raw[1:]
    return found


def checkpoint(note: str, keys: Keys) -> Tuple[int, str]:
    """Size and hash of a checkpoint one of the keys has signed; raises ValueError."""
    text, _, below = note.replace("\r\n", "\n").partition("\n\n")
    text += "\n"
    for line in below.splitlines():
        dash, name, blob = line.split(" ")
        raw = base64.b64decode(blob, validate=True)
        key = keys.get((name, raw[:4]))
        if dash == "\u2014" and key and signed(key, text.encode(), raw[4:]):
            origin, size, root = text.splitlines()[:3]
            if origin != name:
                raise ValueError("mốc của nhật ký khác / the checkpoint is of another log")
            return int(size), base64.b64decode(root, validate=True).hex()
    raise ValueError("không có chữ ký hợp lệ / no valid signature")


def main(arguments: Optional[List[str]] = None) -> int:
    """Read everything, tell everything, return the exit code."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, how in (("log", None), ("checkpoints", "*")):
        ask.add_argument(name, nargs=how)
    ask.add_argument("--key", action="append", default=[])
    given = ask.parse_intermixed_args(arguments)
    faults: List[str] = []
    kept: Kept = {}
    try:
        keys = keys_of(given.key)
        for name in given.checkpoints:
            path = pathlib.Path(name)
            for each in sorted(path.glob("*.txt")) if path.is_dir() else [path]:
                try:
                    size, head = checkpoint(each.read_text("utf-8"), keys)
                    kept.setdefault(size, {})[head] = str(each)
                except ValueError as wrong:
                    faults.append("%s: %s" % (each, wrong))
        told = " ".join(str(size) for size in sorted(kept))
        with open(given.log, encoding="utf-8") as log:
            size = check(log, kept, lambda at, text: faults.append("%s: %s" % (at, text)))
    except (OSError, ValueError) as wrong:
        print("Không đọc được / not readable: %s" % wrong, file=sys.stderr)
        return 2
    print("\n".join(faults[:1000]) or "Nguyên vẹn / whole.")
    print("%d dòng niêm phong / sealed lines, mốc / checkpoints: %s." % (size, told or "-"))
    if not told:
        print("Không có mốc bên ngoài / no outside checkpoint: a rewritten log would not show.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
