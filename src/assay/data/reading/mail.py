"""Mails (RFC 822 and MIME) and mailboxes of them: the subject and the text a reader sees, without headers and attachments."""

import email.policy
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser

from assay.data.cleaning.decoding import decode
from assay.data.cleaning.drop import Drop
from assay.data.html.page import python_name, read_page, without_nuls
from assay.data.reading.record import Record

PARTS_LIMIT = 1000
"""Of one mail; a mail of people has up to 50."""
WORK_LIMIT = 50_000_000
"""Lines times parts: the parser looks at each line once for each part that is open around it."""
FIELD_LIMIT_BYTES = 20_000
"""Of a Content-Type. The parser takes quadratic time on one with many parameters."""
NESTING_LIMIT = 32
SUBJECT_CHARACTERS = 1000
MAIL_LIMIT_BYTES = 64 * 2**20
_OPENS = re.compile(rb"boundary|message/", re.IGNORECASE)
_CONTENT_FIELD = re.compile(rb"^content-[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_FROM_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mail(content: bytes) -> Iterator[Record]:
    """One record, {subject, text}."""
    yield "1", _mail(content)


def read_mbox(content: bytes) -> Iterator[Record]:
    """A record for each mail, numbered from 1. A mail begins at a line `From ` at the file's start or after an empty line."""
    starts = [match for match in _FROM_LINE.finditer(content) if _after_empty_line(content, match.start())]
    if not starts:
        yield "1", Drop("no_mailbox")
        return
    ends = [match.start() for match in starts[1:]] + [len(content)]
    for number, (match, end) in enumerate(zip(starts, ends, strict=True), 1):
        yield str(number), _mail(_QUOTED_FROM.sub(rb"\1", content[match.end() : end]))


def _after_empty_line(content: bytes, place: int) -> bool:
    before = content[max(0, place - 4) : place]
    return place == 0 or before.endswith((b"\n\n", b"\n\r\n"))


def _mail(content: bytes) -> dict[str, str] | Drop:
    if len(content) > MAIL_LIMIT_BYTES:
        return Drop("mail_too_large")
    parts = sum(1 for _ in _OPENS.finditer(content))  # each may nest once more
    if parts > PARTS_LIMIT or parts * content.count(b"\n") > WORK_LIMIT:
        return Drop("mail_too_deep")
    if any(len(match[0]) > FIELD_LIMIT_BYTES for match in _CONTENT_FIELD.finditer(content)):
        return Drop("bad_mail")
    content = content[len(content) - len(content.lstrip(b"\r\n")) :]
    if content.startswith(b"From "):  # the envelope line of a mailbox, left by the one who cut it
        content = content.partition(b"\n")[2]
    try:
        message = BytesParser(policy=email.policy.compat32).parsebytes(content)
        if not message.keys():
            return Drop("no_mail")
        texts = _texts(message, NESTING_LIMIT)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return Drop("bad_mail")
    if isinstance(texts, Drop):
        return texts
    if not texts:
        return Drop("no_text")
    return {"subject": _header(message.get("Subject")), "text": "\n\n".join(texts)}


def _texts(message: Message, levels: int) -> list[str] | Drop:
    """Texts of a part in order. Of alternatives the plain one, or the HTML; attachments have none."""
    if levels == 0:
        return Drop("mail_too_deep")
    if not message.is_multipart():
        found = _part(message)
        return found if isinstance(found, Drop) else [found] if found.strip() else []
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    texts: list[str] = []
    for part in _preferred(message, parts):
        found_parts = _texts(part, levels - 1)
        if isinstance(found_parts, Drop):
            return found_parts
        texts += found_parts
        if texts and message.get_content_type() == "multipart/alternative":
            break
    return texts


def _preferred(message: Message, parts: list[Message]) -> list[Message]:
    if message.get_content_type() != "multipart/alternative":
        return parts
    return sorted(parts, key=lambda part: part.get_content_type() != "text/plain")


def _part(part: Message) -> str | Drop:
    kind = part.get_content_type()
    if kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
        return ""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset()
    if kind == "text/html":
        page = read_page(content, charset)
        return page if isinstance(page, Drop) else page["text"]
    named = python_name(charset) if charset else None
    found = decode(without_nuls(content), [*([named] if named else []), "utf-8", "gb18030", "cp1252", "latin-1"])
    return found if isinstance(found, Drop) else found[0].replace("\r\n", "\n")


def _header(value: object) -> str:
    """Subject with its encoded words decoded; a word in an unknown charset stays as it was written."""
    if value is None:
        return ""
    parts: list[str] = []
    plain = True
    for word, charset in decode_header(str(value)[:SUBJECT_CHARACTERS]):
        name = python_name(charset) if charset else "utf-8"
        if parts and plain != (charset is None):  # blanks between two encoded words are none of the text, others were cut off
            parts.append(" ")
        parts.append(word.decode(name or "utf-8", "replace") if isinstance(word, bytes) else word)
        plain = charset is None
    return " ".join("".join(parts).split())
