"""Make any text fit for PostgreSQL: it takes no NUL and no lone surrogate."""

from typing import Any

REPLACEMENT = "\ufffd"


def clean(text: str, limit: int | None = None) -> str:
    """`text` without what the database cannot hold, cut to `limit` characters."""
    if "\x00" in text:
        text = text.replace("\x00", REPLACEMENT)
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text if limit is None else text[:limit]


def clean_tree(value: Any) -> Any:
    """The same for every text in a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): clean_tree(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean_tree(each) for each in value]
    return value
