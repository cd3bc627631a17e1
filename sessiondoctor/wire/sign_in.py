"""URLs that begin a login at another site: OpenID Connect and OAuth 2, SAML 2.0, WS-Federation, OpenID 2."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

_MOST = 200
_BY_POST = "form_post"
_SIGN_IN = "wsignin1.0"


def begins_sign_in(url: str) -> bool:
    """Whether a redirect to this URL sends a user to a login that leads back."""
    asked = _query(url)
    return "response_type" in asked or "SAMLRequest" in asked or "openid.mode" in asked or asked.get("wa") == _SIGN_IN


def answers_by_post(url: str) -> bool:
    """Whether the login at this URL comes back by a POST of the provider's page.

    OAuth 2.0 Form Post Response Mode; SAML's web browser profile (4.1.2: the response never comes by redirect); the
    passive requestor profile of WS-Federation.
    """
    asked = _query(url)
    return asked.get("response_mode") == _BY_POST or "SAMLRequest" in asked or asked.get("wa") == _SIGN_IN


def _query(url: str) -> dict[str, str]:
    try:
        found = parse_qs(urlsplit(url).query, keep_blank_values=True, max_num_fields=_MOST)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}
