"""A signing authority of the tests' own, and PDFs signed under it, sound and spoilt."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, signers
from pyhanko.sign.fields import SigFieldSpec
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.small_files import written

TODAY = datetime(2023, 12, 5, 1, 10, tzinfo=UTC)
YEAR = timedelta(days=365)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass
class Authority:
    """Issues certificates and takes them back; valid the whole time of the tests."""

    common: str = "CA thử nghiệm"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        self.certificate = self._built(self.common, self.key, TODAY - 9 * YEAR, 20 * YEAR, ca=True)

    def signer(
        self, common: str, begins: datetime = TODAY - YEAR, lasts: timedelta = 3 * YEAR
    ) -> Signer:
        """Somebody with a certificate of this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        return Signer(self._built(common, key, begins, lasts, ca=False), key, self)

    def revoked(self, one: Signer) -> bytes:
        """The list, as DER, in which this certificate is taken back."""
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(TODAY - timedelta(days=40))
            .build()
        )
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(TODAY - timedelta(days=1))
            .next_update(TODAY + timedelta(days=30))
            .add_revoked_certificate(entry)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.DER)

    @property
    def der(self) -> bytes:
        """The certificate of the authority itself."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def _built(
        self,
        common: str,
        key: ec.EllipticCurvePrivateKey,
        begins: datetime,
        lasts: timedelta,
        *,
        ca: bool,
    ) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=not ca,
            content_commitment=not ca,
            key_cert_sign=ca,
            crl_sign=ca,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(_name(self.common))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + lasts)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )


@dataclass
class Signer:
    """Somebody who signs PDFs."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    authority: Authority

    def sign(self, content: bytes, place: str = "Chu-ky-1") -> bytes:
        """The PDF with one more signature, added as every signing program adds it.

        In a thread of its own: the library runs a loop of events, and where a browser is open in
        the same process, the thread of the tests has one already.
        """
        with ThreadPoolExecutor(1) as alone:
            return alone.submit(self._sign, content, place).result()

    def _sign(self, content: bytes, place: str) -> bytes:
        out = io.BytesIO()
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        signers.sign_pdf(
            writer,
            PdfSignatureMetadata(field_name=place, md_algorithm="sha256"),
            signer=self._simple(),
            new_field_spec=SigFieldSpec(place),
            existing_fields_only=False,
            output=out,
        )
        return out.getvalue()

    def _simple(self) -> SimpleSigner:
        store = SimpleCertificateStore()
        store.register(asn1.Certificate.load(self.authority.der))
        encoding, private = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
        secret = self.key.private_bytes(encoding, private, serialization.NoEncryption())
        return SimpleSigner(
            signing_cert=asn1.Certificate.load(self.certificate.public_bytes(encoding)),
            signing_key=keys.PrivateKeyInfo.load(secret),
            cert_registry=store,
        )


def unsigned() -> bytes:
    """A paper of two pages with no signature."""
    return written(lambda pdf: pdf.add_blank_page())


def bit_flipped(content: bytes, at: int) -> bytes:
    """One bit changed."""
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def with_another_page(content: bytes) -> bytes:
    """A page added after signing, as an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Page"),
            NameObject("/MediaBox"): ArrayObject(
                list(writer.root["/Pages"]["/Kids"][0]["/MediaBox"])
            ),
            NameObject("/Resources"): DictionaryObject(),
        }
    )
    writer.insert_page(page)
    return _updated(writer)


def with_a_script(content: bytes) -> bytes:
    """A script added after signing, as an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.root[NameObject("/OpenAction")] = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )
    writer.update_root()
    return _updated(writer)


def with_an_empty_update(content: bytes) -> bytes:
    """An update that changes nothing a reader shows, after the last signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.update_root()
    return _updated(writer)


def _updated(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def told(*authorities: Authority, lists: tuple[bytes, ...] = ()) -> dict[str, object]:
    """The options of the task: whom to trust, what was taken back, and the day."""
    return {
        "roots": [base64.b64encode(one.der).decode() for one in authorities],
        "lists": [base64.b64encode(one).decode() for one in lists],
        "now": TODAY.isoformat(),
    }
