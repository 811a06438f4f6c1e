"""Signatures in a PDF, checked by pyHanko against the authorities an office trusts; offline.

The verdict is what pyHanko calls its bottom line, with coverage: a file to which a script was
added after signing is still "intact" and "valid" in its words. Whatever breaks is an answer.
"""

from __future__ import annotations

import asyncio
import base64
import importlib
from datetime import datetime
from typing import Any, BinaryIO, Final

from asn1crypto import crl, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

_LATER: Final = (
    "cryptography.hazmat.backends.openssl.backend",
    "lxml.etree",
    "pyhanko.pdf_utils.crypt.pdfmac",
    "pyhanko.pdf_utils.filters",
    "pyhanko.pdf_utils.metadata.xmp_xml",
    "pyhanko_certvalidator.path",
    "pyhanko.sign.fields",
    "pyhanko.sign.timestamps",
    *(
        f"cryptography.hazmat.primitives.asymmetric.{name}"
        for name in ("dsa", "ec", "ed25519", "ed448", "padding", "rsa", "utils")
    ),
)
"""What these libraries import only when they need it: behind the walls they no longer could."""
for _name_of_module in _LATER:
    importlib.import_module(_name_of_module)

_MOST: Final = 20
_WHOLE_REVISION: Final = {
    SignatureCoverageLevel.ENTIRE_REVISION,
    SignatureCoverageLevel.ENTIRE_FILE,
}
# Made now: behind the walls a loop of its own could not be opened.
_LOOP: Final = asyncio.new_event_loop()


def run(file: BinaryIO, options: dict[str, Any]) -> dict[str, Any]:
    """`seals`: for each signature its verdict, signer, issuer, times and coverage.

    `options`: `roots` and `lists` (certificates and revocation lists, DER in base64) and `now`.
    """
    try:
        signatures = PdfFileReader(file, strict=False).embedded_signatures
        seals = [_seal(one, options) for one in signatures[:_MOST]]
    except Exception as error:  # noqa: BLE001 - a flipped bit raises anything
        return {"seals": [{"verdict": "unreadable", "detail": type(error).__name__}]}
    _cover(seals)
    return {"seals": seals}


def _seal(signature: EmbeddedPdfSignature, options: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"verdict": "unreadable"}
    try:
        told |= _who(signature)
        told |= _found(_validated(signature, options, "soft-fail"))
        if told["verdict"] == "good" and _taken_back(signature, options):
            told |= {"verdict": "revoked", "good": False}
    except Exception as error:  # noqa: BLE001 - one unreadable signature hides no other
        told["detail"] = type(error).__name__
    return told


def _taken_back(signature: EmbeddedPdfSignature, options: dict[str, Any]) -> bool:
    """Not every certificate says that a list of revoked ones exists; ours are asked anyhow."""
    return bool(options["lists"]) and _validated(signature, options, "require").revoked


def _validated(
    signature: EmbeddedPdfSignature, options: dict[str, Any], revocation: str
) -> PdfSignatureStatus:
    context = _context(options, revocation)
    return _LOOP.run_until_complete(async_validate_pdf_signature(signature, context))


def _context(options: dict[str, Any], revocation: str) -> ValidationContext:
    roots = [x509.Certificate.load(base64.b64decode(one)) for one in options["roots"]]
    lists = [crl.CertificateList.load(base64.b64decode(one)) for one in options["lists"]]
    return ValidationContext(
        trust_roots=roots,
        crls=lists,
        moment=datetime.fromisoformat(options["now"]),
        allow_fetching=False,
        revocation_mode=revocation,
    )


def _who(signature: EmbeddedPdfSignature) -> dict[str, Any]:
    certificate = signature.signer_cert
    signed_at = signature.self_reported_timestamp
    return {
        "signer": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "valid_from": certificate.not_valid_before.isoformat(),
        "valid_to": certificate.not_valid_after.isoformat(),
        "signed_at": signed_at.isoformat() if signed_at else "",
    }


def _name(name: x509.Name) -> str:
    known = name.native
    told = known.get("common_name") or known.get("organization_name") or name.human_friendly
    return str(told)[:200]


def _found(status: PdfSignatureStatus) -> dict[str, Any]:
    stamped = status.timestamp_validity
    trusted_time = stamped is not None and stamped.intact and stamped.valid and stamped.trusted
    return {
        "verdict": _verdict(status),
        "whole": status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        "stamped_at": stamped.timestamp.isoformat() if stamped and trusted_time else "",
        "good": status.bottom_line,
    }


def _verdict(status: PdfSignatureStatus) -> str:
    stopped = getattr(status.diff_result, "args", ())
    if any(isinstance(one, OSError) for one in stopped):
        raise OSError("the comparison needed something that is behind the walls")
    if not (status.intact and status.valid):
        return "altered"
    if status.coverage not in _WHOLE_REVISION:
        return "partial"
    if status.modification_level is ModificationLevel.OTHER or not status.docmdp_ok:
        return "altered"
    if status.revoked:
        return "revoked"
    if not status.trusted:
        problem = status.trust_problem_indic
        # Without a trusted time stamp nothing says that it was signed while that held.
        outside = "OUT_OF_BOUNDS" in str(problem) or "EXPIRED" in str(problem)
        return "expired" if outside else "untrusted"
    return "good" if status.bottom_line else "unreadable"


def _cover(seals: list[dict[str, Any]]) -> None:
    """A file in which bytes follow the last signature is not covered, whoever signed it."""
    if any(one.get("whole") for one in seals):
        return
    for one in seals:
        if one["verdict"] == "good":
            one["verdict"] = "partial"
