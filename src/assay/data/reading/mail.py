"""Mails (RFC 822 and MIME) and mailboxes of them: the subject and the text a reader sees, without headers and attachments."""

import base64
import codecs
import email.policy
import re
from collections.abc import Iterator
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser

from assay.data.cleaning.decoding import decode_marked, replace_bad
from assay.data.cleaning.detection import codec_named
from assay.data.cleaning.drop import Drop
from assay.data.html.page import ALL_TEXT, read_page, without_nuls
from assay.data.reading.record import Change, Record, undecodable

PARTS_LIMIT = 1000
"""Limit of the parts of one mail; a mail of people has up to 50."""
WORK_LIMIT = 50_000_000
"""Lines times parts: the parser looks at each line once for each part that is open around it."""
FIELD_LIMIT_BYTES = 20_000
"""Limit of a Content-Type. The parser takes quadratic time on one with many parameters."""
NESTING_LIMIT = 32
SUBJECT_CHARACTERS = 1000
MAIL_LIMIT_BYTES = 64 * 2**20
EXCERPT_BYTES = 200
BASE64_LINE_CHARACTERS = 40
"""Fewer such letters before text in clear are the beginning of that text; encoders write lines of 60 to 76."""
_OPENS = re.compile(rb"boundary|message/", re.IGNORECASE)
_CONTENT_FIELD = re.compile(rb"^content-[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_FROM_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_DATE = re.compile(
    rb" (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[A-Z][a-z]{2} +[0-9]{1,2}|[0-9]{1,2} +[A-Z][a-z]{2} +[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})"
    rb"[ T]+[0-9]{1,2}:[0-9]{2}"
)
"""In the line that begins a mail of a mailbox: as C's asctime writes it, as mails do, or as ISO 8601."""
_KNOWN_HEADER = rb"(?:from|to|subject|date|message-id|received|return-path|reply-to|sender|delivered-to|mime-version|content-type|status|x-[!-9;-~]{1,80}):"
_MAIL_HEADER = re.compile(rb"(?:[!-9;-~]{1,80}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){0,20}?" + _KNOWN_HEADER, re.IGNORECASE)
"""A header that mails have, or up to 20 others before one."""
_KNOWN_LINE = re.compile(_KNOWN_HEADER, re.IGNORECASE)
_HEADER_LINE = re.compile(rb"[!-9;-~]*:|[ \t]")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_ENCODED_WORDS = re.compile(r"=\?[^?]*\?[QqBb]\?.*?\?=(?:\s+=\?[^?]*\?[QqBb]\?.*?\?=)*")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]*={0,2}[ \t]*")
_FIRST_BOUNDARY = re.compile(rb"^--([^\r\n\"\\]{1,200}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE)


def read_mail(content: bytes, changes: list[Change]) -> Iterator[Record]:
    """One record, {subject, text}."""
    yield "1", _Mail("1", changes).read(_without_mark(content))


def read_mbox(content: bytes, changes: list[Change]) -> Iterator[Record]:
    """A record for each mail, numbered from 1, and "0" for what stands before the first.

    A mail begins at a line `From ` at the file's start or after an empty line, if the line has a date or headers of a mail follow it;
    any other such line begins a paragraph.
    """
    content = _without_mark(content)
    starts = [match for match in _FROM_LINE.finditer(content) if _begins_mail(content, match)]
    if not starts:
        yield "1", Drop("no_mailbox", _excerpt(content))
        return
    if before := content[: starts[0].start()].strip():
        yield "0", _Mail("0", changes).read(before)
    ends = [match.start() for match in starts[1:]] + [len(content)]
    for number, (match, end) in enumerate(zip(starts, ends, strict=True), 1):
        yield str(number), _Mail(str(number), changes).read(_QUOTED_FROM.sub(rb"\1", content[match.end() : end]))


def _begins_mail(content: bytes, line: re.Match[bytes]) -> bool:
    before = content[max(0, line.start() - 4) : line.start()]
    after_empty_line = not content[: line.start()].strip() if line.start() < 4 else before.endswith((b"\n\n", b"\n\r\n"))
    return after_empty_line and (_DATE.search(line[0]) is not None or _MAIL_HEADER.match(content, line.end()) is not None)


def _without_mark(content: bytes) -> bytes:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").encode("utf-8", "replace")
    return content.removeprefix(codecs.BOM_UTF8)


def _excerpt(content: bytes) -> str:
    return content[:EXCERPT_BYTES].decode("utf-8", "replace")


class _Mail:
    """Reads one mail. What is repaired on the way is added to `changes` under the mail's name, once for each step."""

    def __init__(self, name: str, changes: list[Change]) -> None:
        self.name, self.changes = name, changes
        self.steps: set[str] = set()

    def read(self, content: bytes) -> dict[str, str] | Drop:
        if (drop := _beyond_limits(content)) is not None:
            return drop
        content = content.lstrip(b"\r\n")
        if content.startswith(b"From "):  # the envelope line of a mailbox, left by the one who cut it
            content = content.partition(b"\n")[2]
        try:
            message = _parsed(self.with_named_headers(content))
            texts = self.texts(message, NESTING_LIMIT) if message.keys() else Drop("no_mail")
        except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
            return Drop("bad_mail", _excerpt(content))
        if isinstance(texts, Drop) or not texts:
            return Drop(texts.reason if isinstance(texts, Drop) else "no_text", _excerpt(content))
        return {"subject": self.subject(message), "text": "\n\n".join(texts)}

    def with_named_headers(self, content: bytes) -> bytes:
        """The mail with a name for header lines that have none: at the first of them the parser would begin the text."""
        end = re.search(rb"\n\r?\n|\Z", content)
        lines = content[: end.start() if end else 0].split(b"\n")
        last = max((number for number, line in enumerate(lines) if _KNOWN_LINE.match(line)), default=0)
        bad = [number for number in range(last) if not _HEADER_LINE.match(lines[number])]
        if not bad:
            return content
        self.changed("mail_header_raw", _excerpt(lines[bad[0]]), _excerpt(lines[bad[0]]))
        whole_bytes = len(b"\n".join(lines))
        for number in bad:
            lines[number] = b"X-Unnamed: " + lines[number]
        return b"\n".join(lines) + content[whole_bytes:]

    def changed(self, step: str, before: str, after: str) -> None:
        if step not in self.steps:
            self.steps.add(step)
            self.changes.append(Change(self.name, step, before, after, 0))

    def texts(self, message: Message, levels: int) -> list[str] | Drop:
        """Texts of a part in order. Of alternatives the plain one, or the HTML; attachments have none."""
        if levels == 0:
            return Drop("mail_too_deep")
        parts = self.parts(message)
        if parts is None:
            found = self.text(message)
            return found if isinstance(found, Drop) else [found] if found.strip() else []
        are_alternatives = message.get_content_type() == "multipart/alternative"
        texts: list[str] = []
        for part in sorted(parts, key=lambda part: part.get_content_type() != "text/plain") if are_alternatives else parts:
            found_parts = self.texts(part, levels - 1)
            if isinstance(found_parts, Drop):
                return found_parts
            texts += found_parts
            if texts and are_alternatives:
                break
        return texts

    def parts(self, message: Message) -> list[Message] | None:
        """The parts of a multipart; None for a single part. Where the declared boundary is nowhere, that before the first part is used."""
        if not message.is_multipart() and message.get_content_maintype() == "multipart":
            content = _encoded_payload(message)
            boundary = _FIRST_BOUNDARY.search(content)
            found = b"" if boundary is None else boundary[1]
            self.changed("mail_boundary", str(message.get_boundary()), found.decode("utf-8", "replace"))
            if boundary is not None:
                kind = message.get_content_type().encode("ascii", "replace")
                message = _parsed(b'Content-Type: %s; boundary="%s"\n\n' % (kind, found) + content)
        return [part for part in message.get_payload() if isinstance(part, Message)] if message.is_multipart() else None

    def text(self, part: Message) -> str | Drop:
        """Text of a single part, or none. A multipart without any boundary is read as plain text."""
        kind = part.get_content_type()
        is_text = kind in ("text/plain", "text/html") or kind.startswith("multipart/")
        if not is_text or part.get_content_disposition() == "attachment":
            return ""
        content, charset = self.payload(part), part.get_content_charset()
        if kind == "text/html":
            page = read_page(content, charset, ALL_TEXT, False, self.name, self.changes)
            return page if isinstance(page, Drop) else page["text"]
        found = self.decoded(content, charset)
        return found if isinstance(found, Drop) else found.replace("\r\n", "\n")

    def payload(self, part: Message) -> bytes:
        """Bytes of a part, its transfer encoding undone. Text in clear that follows base64, or stands in its place, stays as it is."""
        if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
            payload = part.get_payload(decode=True)
            return payload if isinstance(payload, bytes) else b""
        content = _encoded_payload(part)
        lines = content.splitlines()
        count = next((number for number, line in enumerate(lines) if not _BASE64_LINE.fullmatch(line)), len(lines))
        letters = re.sub(rb"[= \t]", b"", b"".join(lines[:count]))
        clear = b"\n".join(lines[count:])
        if clear and len(letters) < BASE64_LINE_CHARACTERS:
            letters, clear = b"", content
        cut = len(letters) % 4 == 1  # one letter is less than a byte
        letters = letters[: len(letters) - cut]
        decoded = base64.b64decode(letters + b"=" * (-len(letters) % 4))
        if cut or clear.strip():
            self.changed("mail_base64", _excerpt(content), _excerpt(decoded + clear))
        return b"\n".join(filter(None, (decoded, clear)))

    def decoded(self, content: bytes, charset: str | None) -> str | Drop:
        """Text of bytes whose mail declares `charset`, which is believed where it reads them and they are not UTF-8 all the same."""
        content, declared = without_nuls(content), [charset] if charset else []
        found = decode_marked(content, ["auto"], declared)
        if isinstance(found, Drop):
            found = decode_marked(content, ["cp1252", "latin-1"], declared)
        if isinstance(found, Drop):
            return found
        text = replace_bad(found.text)
        if found.bad_bytes and "undecodable_bytes" not in self.steps:
            self.steps.add("undecodable_bytes")
            self.changes.append(undecodable(self.name, found.text))
        if not content.isascii() and found.encoding != (codec_named(charset) if charset else "utf-8"):
            step = "charset_not_as_declared" if charset else f"decoded_from_{found.encoding}"
            self.changed(step, content[:EXCERPT_BYTES].decode("latin-1"), text[:EXCERPT_BYTES])
        return text

    def subject(self, message: Message) -> str:
        """The subject in one line, its encoded words (RFC 2047) decoded."""
        raw = next((str(value) for name, value in message.raw_items() if name.lower() == "subject"), "")[:SUBJECT_CHARACTERS]
        text = self.decoded(raw.encode("utf-8", "surrogateescape"), message.get_content_charset())
        return " ".join(_ENCODED_WORDS.sub(self.words, raw if isinstance(text, Drop) else text).split())

    def words(self, run: re.Match[str]) -> str:
        """Encoded words in a row, decoded; as they were written where one can't be."""
        try:
            parts = [self.decoded(word, (charset or "").partition("*")[0]) for word, charset in decode_header(run[0])]
        except (HeaderParseError, ValueError):
            parts = [Drop("bad_mail")]
        if any(isinstance(part, Drop) for part in parts):
            self.changed("mail_header_raw", run[0], run[0])
            return run[0]
        return "".join(part for part in parts if isinstance(part, str))


def _beyond_limits(content: bytes) -> Drop | None:
    """Why a mail is not parsed: it would take more time or memory than a mail of people does."""
    if len(content) > MAIL_LIMIT_BYTES:
        return Drop("mail_too_large", _excerpt(content))
    parts = sum(1 for _ in _OPENS.finditer(content))  # each may nest once more
    if parts > PARTS_LIMIT or parts * content.count(b"\n") > WORK_LIMIT:
        return Drop("mail_too_deep", _excerpt(content))
    if any(len(match[0]) > FIELD_LIMIT_BYTES for match in _CONTENT_FIELD.finditer(content)):
        return Drop("bad_mail", _excerpt(content))
    return None


def _parsed(content: bytes) -> Message:
    return BytesParser(policy=email.policy.compat32).parsebytes(content)


def _encoded_payload(part: Message) -> bytes:
    """Bytes of a part as they stand in the mail. Without a transfer encoding the library gives them back unaltered."""
    del part["Content-Transfer-Encoding"]
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
