"""Exact repeats: of documents with equal text one stays."""

from assay.data.document import Document


def exact_dedup(documents: list[Document]) -> tuple[list[Document], list[Document]]:
    """(kept, repeats). The smallest id stays: a total order, so the survivor depends neither on file order nor on workers."""
    first: dict[str, Document] = {}
    for document in documents:
        known = first.get(document.text_hash)
        if known is None or document.id < known.id:
            first[document.text_hash] = document
    kept = list(first.values())
    survivors = {document.id for document in kept}
    return kept, [document for document in documents if document.id not in survivors]
