"""Masks what identifies a person: addresses, telephone numbers, Chinese identity numbers, network addresses, passwords in URLs.

Every pattern has bounded repeats, so the time is linear in the text. What has a check digit or a range must pass it; private and loopback
network addresses stay, for they name nobody. Names and postal addresses are not found: this is no anonymisation.
"""

import re
from datetime import date
from ipaddress import ip_address

EMAIL, PHONE, ADDRESS, IDENTITY, CREDENTIAL = "[email]", "[phone]", "[ip]", "[id]", "[credential]"

_CREDENTIAL = re.compile(r"(?<=://)[^\s/:@?#]{1,64}:[^\s/@?#]{1,128}(?=@)")
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-8][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_IPV4 = re.compile(r"(?<![0-9A-Za-z.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])")
_IPV6 = re.compile(r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:]|\.[0-9])")
_PHONE = re.compile(
    r"(?<![0-9A-Za-z.,+-])(?:"
    r"(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"  # Chinese mobile
    r"|0[1-9][0-9]{1,2}-[0-9]{7,8}"  # Chinese landline
    r"|\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,4}\)?){2,6}"  # international, ITU E.164; its digits are counted below
    r"|(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}"  # North American
    r")(?![0-9A-Za-z]|[.,-][0-9])"
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_SEVEN_DIGITS = re.compile(r"[0-9](?:[ ().+-]{0,3}[0-9]){6}")


def without_personal_data(text: str) -> str:
    """Masked text; equal to the text where nothing was found."""
    if "@" in text:
        if "://" in text:
            text = _CREDENTIAL.sub(CREDENTIAL, text)
        text = _EMAIL.sub(EMAIL, text)
    if "::" in text or text.count(":") > 5:
        text = _IPV6.sub(_public, text)
    if _SEVEN_DIGITS.search(text):
        text = _IPV4.sub(_public, _IDENTITY.sub(_identity, text))
        text = _PHONE.sub(_phone, text)
    elif text.count(".") > 2:
        text = _IPV4.sub(_public, text)
    return text


def _identity(match: re.Match[str]) -> str:
    """Chinese resident identity number, GB 11643: date of birth, and a check digit by ISO 7064 MOD 11-2."""
    digits = match[0].upper()
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return match[0]
    return IDENTITY if _ID_CHECKS[total % 11] == digits[17] and digits[6:8] in ("18", "19", "20") else match[0]


def _public(match: re.Match[str]) -> str:
    """Four numbers below 100 are the number of a section or a version far more often than an address; so is `::1:25` a host and a port."""
    groups = [group for group in re.split("[.:]", match[0]) if group]
    if len(groups) < 3 or ("." in match[0] and max(map(len, groups)) < 3):
        return match[0]
    try:
        address = ip_address(match[0])
    except ValueError:
        return match[0]
    return ADDRESS if address.is_global and not address.is_multicast else match[0]


def _phone(match: re.Match[str]) -> str:
    digits = sum(map(str.isdigit, match[0]))
    return PHONE if not match[0].startswith("+") or 8 <= digits <= 15 else match[0]
