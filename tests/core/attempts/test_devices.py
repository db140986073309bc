"""A device cookie vouches for accounts that signed in on it."""

from bastide.core.attempts import Devices
from bastide.core.foundation import Secret, Signer, encode_token
from bastide.testing import SeededEntropy


def test_device_cookies_vouch_for_accounts_that_signed_in_and_no_others() -> None:
    devices = Devices(signer=Signer(Secret("k" * 32), purpose="device"), entropy=SeededEntropy())
    cookie = devices.issue_device(None, 1).reveal()
    known = devices.match_device(cookie, 1)
    assert known is not None
    assert devices.match_device(cookie, 2) is None
    shared = devices.issue_device(cookie, 2).reveal()
    assert devices.match_device(shared, 1) == devices.match_device(shared, 2) == known
    assert devices.issue_device(shared, 2).reveal() == shared
    for number in range(3, 12):
        shared = devices.issue_device(shared, number).reveal()
    assert shared.count(".") == 8
    assert devices.match_device(shared, 1) is None
    for forged in (None, "", "x", "a.b", f"{cookie}.x", cookie[:-2], "." * 20):
        assert devices.match_device(forged, 1) is None
    # Whoever has one cookie cannot make others of it, each with a lane of its own.
    device_id, tag = cookie.split(".")
    assert devices.match_device(f"{encode_token(bytes(16))}.{tag}", 1) is None
    assert devices.match_device(f"{device_id}.{tag}", 1) == known
    other = Devices(signer=Signer(Secret("l" * 32), purpose="device"), entropy=SeededEntropy())
    assert other.match_device(cookie, 1) is None


def test_a_known_device_outlives_the_key_that_vouched_for_it() -> None:
    old, new = Secret("o" * 32), Secret("n" * 32)
    before = Devices(signer=Signer(old, purpose="device"), entropy=SeededEntropy())
    after = Devices(signer=Signer(new, purpose="device", former=[old]), entropy=SeededEntropy())
    cookie = before.issue_device(None, 1).reveal()
    assert after.match_device(cookie, 1) == before.match_device(cookie, 1)
    assert after.match_device(cookie, 2) is None
    renewed = after.issue_device(cookie, 1).reveal()
    rolled = Devices(signer=Signer(new, purpose="device"), entropy=SeededEntropy())
    assert rolled.match_device(renewed, 1) == before.match_device(cookie, 1)
