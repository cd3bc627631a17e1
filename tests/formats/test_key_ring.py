from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.key_ring import LONGEST, Revocation, RingKey, read_ring_element

# The sample of Microsoft Learn, "Key storage format in ASP.NET Core", with its secret cut and its namespace filled in.
DPAPI = (
    "Microsoft.AspNetCore.DataProtection.XmlEncryption.{}XmlDecryptor, Microsoft.AspNetCore.DataProtection, "
    "Version=8.0.0.0, Culture=neutral, PublicKeyToken=adb9793829ddae60"
)
SAMPLE = """<?xml version="1.0" encoding="utf-8"?>
<key id="80732141-ec8f-4b80-af9c-c4d2d1ff8901" version="1">
  <creationDate>2015-03-19T23:32:02.3949887Z</creationDate>
  <activationDate>2015-03-19T23:32:02.3839429Z</activationDate>
  <expirationDate>2015-06-17T23:32:02.3839429Z</expirationDate>
  <descriptor deserializerType="x">
    <descriptor>
      <encryption algorithm="AES_256_CBC" />
      <validation algorithm="HMACSHA256" />
      <enc:encryptedSecret decryptorType="{decryptor}" xmlns:enc="http://schemas.asp.net/2015/03/dataProtection">
        <encryptedKey>
          <!-- This key is encrypted with Windows DPAPI. -->
          <value>AQAAANCM8zeP8lcwAg==</value>
        </encryptedKey>
      </enc:encryptedSecret>
    </descriptor>
  </descriptor>
</key>"""
PLAIN = """<key id="1EAFDDBF-d78d-4dad-a0c3-c5a802ee3083" version="1">
  <creationDate>2018-07-18T09:53:58+00:00</creationDate>
  <activationDate>2018-07-18T09:53:58Z</activationDate>
  <expirationDate>2018-10-16T09:53:58Z</expirationDate>
  <descriptor><descriptor><masterKey><value>c2VjcmV0</value></masterKey></descriptor></descriptor>
</key>"""
REVOKED = """<revocation version="1">
  <revocationDate>2015-03-20T22:45:30.2616742Z</revocationDate>
  <key id="{}" /><reason>human-readable reason</reason>
</revocation>"""


@pytest.mark.parametrize(
    ("decryptor", "protected_by"),
    [
        (DPAPI.format("Dpapi"), "dpapi"),
        (DPAPI.format("DpapiNG"), "dpapi-ng"),
        (DPAPI.format("Encrypted"), "certificate"),
        ("Contoso.VaultDecryptor, Contoso", "other"),
    ],
)
def test_the_published_key(decryptor: str, protected_by: str) -> None:
    """Its id, its dates in unix seconds, and what it is encrypted with; nothing of the key itself."""
    key = read_ring_element(SAMPLE.replace("{decryptor}", decryptor))
    assert isinstance(key, RingKey)
    assert key.key_id == "80732141-ec8f-4b80-af9c-c4d2d1ff8901"
    assert (key.created_at, key.active_from, key.expires_at) == (1426807922, 1426807922, 1434583922)
    assert key.protected_by == protected_by
    assert "AQAAANCM" not in repr(key)


def test_a_key_that_is_not_encrypted() -> None:
    """As on Linux without ProtectKeysWith...; the id may be in capitals."""
    key = read_ring_element(PLAIN)
    assert isinstance(key, RingKey)
    assert (key.key_id, key.protected_by) == ("1eafddbf-d78d-4dad-a0c3-c5a802ee3083", "nothing")
    assert key.expires_at - key.active_from == 90 * 86400


def test_revocations() -> None:
    """Of one key, and of every key that was made until then."""
    assert read_ring_element(REVOKED.format("80732141-ec8f-4b80-af9c-c4d2d1ff8901")) == Revocation(
        "80732141-ec8f-4b80-af9c-c4d2d1ff8901", 1426891530
    )
    assert read_ring_element(REVOKED.format("*")) == Revocation("", 1426891530)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<key",
        "<keys/>",
        PLAIN.replace("1EAFDDBF", "nonsense"),
        PLAIN.replace("<creationDate>2018", "<creationDate>July 2018"),
        PLAIN.replace("2018-07-18T09:53:58Z", "2018-99-18T09:53:58Z"),
        REVOKED.format(""),
        REVOKED.format("*").replace("revocationDate", "date"),
        '<!DOCTYPE key [<!ENTITY a "a">]>' + PLAIN,
        PLAIN + " " * LONGEST,
    ],
)
def test_what_is_no_element_of_a_ring(text: str) -> None:
    """Damaged, of something else, with a DTD, far too long."""
    assert read_ring_element(text) is None


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.integers(0, len(PLAIN)))
def test_no_text_crashes(text: str, at: int) -> None:
    """Neither on its own nor in the middle of a key."""
    for candidate in (text, PLAIN[:at] + text + PLAIN[at:]):
        found = read_ring_element(candidate)
        assert found is None or isinstance(found, RingKey | Revocation)
