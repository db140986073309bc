"""The constant headers."""

from datetime import timedelta

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.http import HeaderSettings


@pytest.mark.asvs("V3.4.1", "V3.4.4", "V3.4.5", "V3.4.8", "V3.5.8")
def test_the_constant_headers() -> None:
    plain, secure = (dict(HeaderSettings().build(is_secure=flag)) for flag in (False, True))
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in plain
    assert plain["X-Content-Type-Options"] == "nosniff"
    assert plain["Referrer-Policy"] == "same-origin"
    assert plain["Cross-Origin-Opener-Policy"] == plain["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in plain["Permissions-Policy"]
    bold = dict(
        HeaderSettings(
            hsts_preload=True, cross_origin_embedder=True, allowed_features=frozenset({"camera"})
        ).build(is_secure=True)
    )
    assert bold["Strict-Transport-Security"].endswith("; preload")
    assert bold["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=(self)" in bold["Permissions-Policy"]
    with pytest.raises(ConfigurationError):
        HeaderSettings(hsts=timedelta(days=30))
    with pytest.raises(ConfigurationError):
        HeaderSettings(referrer_policy="unsafe-url")


def test_a_policy_under_which_browsers_hide_the_origin_of_forms_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="Origin: null"):
        HeaderSettings(referrer_policy="no-referrer")
