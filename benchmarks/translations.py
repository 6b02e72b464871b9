"""Text whose language is known: two Debian books and their translations, fetched by apt-get into a temporary folder."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

PACKAGES = ("debian-handbook", *(f"debian-reference-{name}" for name in ("en", "de", "fr", "es", "it", "pt", "id", "ja", "zh-cn", "zh-tw")))
HANDBOOK = {
    **{
        "en-US": "en",
        "de-DE": "de",
        "fr-FR": "fr",
        "es-ES": "es",
        "it-IT": "it",
        "pt-BR": "pt",
        "nl-NL": "nl",
        "pl-PL": "pl",
        "ru-RU": "ru",
    },
    **{"ja-JP": "ja", "ko-KR": "ko", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant"},
}
REFERENCE = {"zh-cn": "zh-Hans", "zh-tw": "zh-Hant"}
SHINGLE = 16
"""Characters. As many in a row that also stand in the English edition were not translated: commands, names, or what nobody got to."""


@dataclass(frozen=True)
class Page:
    book: str
    language: str
    text: str
    prose: str  # without <pre>, where commands and their output stand


@dataclass(frozen=True)
class Piece:
    language: str
    text: str
    english: float  # the share of it that the English edition has too


def pages() -> list[Page]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"error: the Debian books could not be fetched ({error}); run apt-get update, on Debian or Ubuntu") from None
        for package in sorted(folder.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", package.name, "."], cwd=folder, check=True)
        return sorted(_read(folder / "usr/share"), key=lambda page: (page.book, page.language, page.text))


def _read(share: Path) -> Iterator[Page]:
    for path in share.glob("doc/debian-handbook/html/*/*.html"):
        if path.parent.name in HANDBOOK:
            yield _page("handbook", HANDBOOK[path.parent.name], path)
    for path in share.glob("debian-reference/*.html"):
        language = path.name.split(".")[1]
        yield _page("reference", REFERENCE.get(language, language), path)


def _page(book: str, language: str, path: Path) -> Page:
    reader = _Text()
    reader.feed(path.read_text(encoding="utf-8"))
    every, prose = ("".join(parts) for parts in (reader.every, reader.prose))
    return Page(book, language, every, prose)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.every: list[str] = []
        self.prose: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style", "pre", "title"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "title"} & set(self._inside):
            self.every.append(data)
            if "pre" not in self._inside:
                self.prose.append(data)


def pieces(found: list[Page], characters: int, at_most: int) -> list[Piece]:
    """Of each language's prose, at most so many pieces at even distances, none half empty."""
    english = _shingles(" ".join(" ".join(page.text.split()) for page in found if page.language == "en"))
    made = []
    for language in sorted({page.language for page in found}):
        text = "\n".join(line.strip() for page in found if page.language == language for line in page.prose.splitlines() if line.strip())
        cuts = [text[start : start + characters] for start in range(0, len(text) - characters + 1, characters)]
        made += [Piece(language, cut, _share(cut, english)) for cut in cuts[:: max(1, len(cuts) // at_most)]]
    return made


def _shingles(text: str) -> set[int]:
    return {hash(text[start : start + SHINGLE]) for start in range(len(text) - SHINGLE + 1)}


def _share(text: str, english: set[int]) -> float:
    line = " ".join(text.split())
    covered = bytearray(len(line))
    for start in range(len(line) - SHINGLE + 1):
        if hash(line[start : start + SHINGLE]) in english:
            covered[start : start + SHINGLE] = b"\1" * SHINGLE
    return sum(covered) / max(1, len(line))
