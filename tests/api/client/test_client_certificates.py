"""Certificates are checked: a stranger's is refused at once, the office's own is taken where it is named."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ledger.errors import EvidenceError
from ledger.signing.keyfile import read_key_file
from ledger_api.client import Client, Manners
from tests.api.client.serving import serving
from tests.api.county import MAKER, OPERATOR_WORD, WORD, Office


def certified(file: Path) -> Path:
    """A certificate of this machine that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ledger.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form, encryption = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, form, encryption)
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


def test_a_certificate_that_nobody_vouches_for_is_refused(office: Office, tmp_path: Path) -> None:
    file, slept = certified(tmp_path / "server.pem"), [0]

    def sleep(_seconds: float) -> None:
        slept[0] += 1

    key = read_key_file(office.key(MAKER), WORD)
    with serving(office.book, OPERATOR_WORD, file) as (url, operator):
        with (
            Client(url, MAKER, key, folder=tmp_path, manners=Manners(sleep=sleep)) as client,
            pytest.raises(EvidenceError, match="E_SERVER_CERTIFICATE"),
        ):
            client.checkpoint()
        assert slept == [0], "it is not tried again"
        own = Manners(certificates=file)
        with Client(url, MAKER, key, vkey=operator.vkey, folder=tmp_path, manners=own) as client:
            assert client.checkpoint().size > 0
            assert client.balances().rows
