"""The file and line of conf/data/ that a message of a data stage means, which knows the corpus and no lines."""

import re
from typing import Any

from assay.config.tree import Tree
from assay.data.places import citation

_BARE = re.compile(r"conf/data/(?![\w-])")
_FIELDS = re.compile(r"\b(members|text_fields|id_field|folder|bad_records|label|sha256)\b(?=`? in $)")


def with_corpus_place(message: str, tree: Tree, config: Any) -> str:
    """The message with conf/data/NAME.yaml:LINE in the place of a bare conf/data/."""
    name, data = tree.choices.get("data"), getattr(config, "data", None)
    if name is None or data is None or (tree.values.get("source") or {}).get("path"):
        return message
    # The longest citation that the message begins with: one folder may lie in another.
    cited = [(len(text), number) for number, source in enumerate(data.sources) if message.startswith(text := citation(source))]
    number = max(cited)[1] if cited else 0

    def placed(match: re.Match[str]) -> str:
        field = _FIELDS.search(message[: match.start()])
        if field is None or not (cited or len(data.sources) == 1):
            return f"conf/data/{name}.yaml"
        place = tree.place(("data", "sources", number, field[1]))
        return place if place.startswith("conf/data/") else f"conf/data/{name}.yaml"

    return _BARE.sub(placed, message)
