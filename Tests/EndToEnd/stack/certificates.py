"""Certificates of every kind, valid and not."""

import datetime
import itertools
import warnings
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CN = NameOID.COMMON_NAME
O = NameOID.ORGANIZATION_NAME  # noqa: E741 - the attribute's own name
OU = NameOID.ORGANIZATIONAL_UNIT_NAME
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER = ExtendedKeyUsageOID.SERVER_AUTH

_numbers = itertools.count()


@dataclass
class Certificate:
    """Files of a certificate (with its chain) and its key."""

    certificate: Path
    key: Path


def attribute(oid, value):
    """Also subjects that no real CA signs: empty, or longer than the standard allows."""
    with warnings.catch_warnings(action="ignore"):
        return x509.NameAttribute(oid, value, _validate=False)


def name(*rdns):
    """A subject in the certificate's order: `nginx` writes it the other way round. An RDN is one (oid, value) or a
    list of them."""
    return x509.Name(
        [
            x509.RelativeDistinguishedName([attribute(*pair) for pair in (rdn if isinstance(rdn, list) else [rdn])])
            for rdn in rdns
        ]
    )


def tool_name(tool):
    """CN=<tool>,O=toolforge."""
    return name((O, "toolforge"), (CN, tool))


class Authority:
    """A CA that signs anything."""

    def __init__(self, directory, common_name="end-to-end CA", issuer=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name((CN, common_name))
        self.chain = []
        self.certificate = self._sign(
            self.name, self.key.public_key(), issuer or self, [x509.BasicConstraints(ca=True, path_length=None)]
        )
        if issuer:
            self.chain = [self.certificate, *issuer.chain]
        self.file = self.directory / f"ca-{next(_numbers)}.crt"
        self.file.write_bytes(pem(self.certificate))

    def server(self, host="localhost"):
        import ipaddress

        names = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        return self.issue(name((CN, host)), usage=SERVER, extensions=[x509.SubjectAlternativeName(names)])

    def tool(self, tool):
        return self.issue(tool_name(tool))

    def issue(self, subject, usage=CLIENT, begins=-1, ends=30, extensions=()):
        """A certificate for that subject, valid between these days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(
            subject,
            key.public_key(),
            self,
            [x509.BasicConstraints(ca=False, path_length=None), x509.ExtendedKeyUsage([usage]), *extensions],
            begins,
            ends,
        )
        return self._write(certificate, key)

    def revoke(self, certificate):
        """The CA's revocation list, with that certificate."""
        now = datetime.datetime.now(datetime.timezone.utc)
        number = x509.load_pem_x509_certificate(certificate.certificate.read_bytes()).serial_number
        revoked = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(now).build()
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name).add_revoked_certificate(revoked)
        builder = builder.last_update(now).next_update(now + datetime.timedelta(days=1))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def self_signed(self, subject):
        """A certificate of no CA."""
        return Authority._of(self.directory, subject)

    @classmethod
    def _of(cls, directory, subject):
        key = ec.generate_private_key(ec.SECP256R1())
        alone = cls.__new__(cls)
        alone.directory, alone.key, alone.name, alone.chain = directory, key, subject, []
        return alone._write(alone._sign(subject, key.public_key(), alone, []), key)

    @staticmethod
    def _sign(subject, public_key, issuer, extensions, begins=-1, ends=30):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=begins))
            .not_valid_after(now + datetime.timedelta(days=ends))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(issuer.key, hashes.SHA256())

    def _write(self, certificate, key):
        number = next(_numbers)
        files = Certificate(self.directory / f"{number}.crt", self.directory / f"{number}.key")
        files.certificate.write_bytes(b"".join(map(pem, [certificate, *self.chain])))
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return files


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
