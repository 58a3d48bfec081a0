"""The rows of 0003, sealed and opened. It works on rows as they were then, by rules that stay."""

import json
from collections import defaultdict
from hashlib import sha256

from tiplines.covering import COVER, Guard, Protected, label_of, texts_of
from tiplines.merging import merge
from tiplines.minors import is_protected
from tiplines.parsing.normalising import fold
from tiplines.parsing.rereading import reread
from tiplines.sealing import index, seal, seal_json, unseal_json
from tiplines.services.covers import (
    address_covers,
    file_covers,
    party_covers,
    sealed,
    sighting_covers,
)

BATCH = 500
TEXTS = ("narrative", "escalation", "police_reference")
DIGEST_LETTERS = 12
NAMING = frozenset({"name", "text", "postal_code"})


def batches(model, **which):
    """All rows in order of their key, so many at a time."""
    last = 0
    while rows := list(model.objects.filter(pk__gt=last, **which).order_by("pk")[:BATCH]):
        yield rows
        last = rows[-1].pk


def about_of(row):
    return f"tipline:{row.tipline_id}"


# --- Forwards -------------------------------------------------------------------------------------


def seal_all(apps, editor):
    def model(name):
        return apps.get_model("tiplines", name)

    Version = model("Version")
    for rows in batches(Version):
        for row in rows:
            text = json.dumps(
                row.source, sort_keys=True, ensure_ascii=False, separators=(",", ":")
            )
            row.sealed_source = seal(text.encode(), about=about_of(row))
            row.is_whole = row.format != "xml" or "report" in row.source
            if row.difference:
                row.sealed_difference = seal_json(row.difference, about=about_of(row))
        Version.objects.bulk_update(rows, ["sealed_source", "sealed_difference", "is_whole"])
    renamed = renew_digests(apps, index_digest)
    Correction = model("Correction")
    for rows in batches(Correction):
        for row in rows:
            said = {name: getattr(row, name) for name in ("before", "after", "reason")}
            row.sealed = seal_json(said, about=about_of(row))
            row.field = renamed_field(row.field, renamed)
        Correction.objects.bulk_update(rows, ["sealed", "field"])
    for rows in batches(model("Tipline")):
        seal_batch(model, rows)


def index_digest(row):
    return index(f"{row.kind}\0{row.value}")


def plain_digest(row):
    return sha256(f"{row.kind}\0{row.value}".encode()).digest()[:16]


def renew_digests(apps, digest_of):
    """Give every identifier another digest; return the first letters, old to new.

    A value cut to the column's 2,200 characters gets that of what is there.
    """
    Identifier = apps.get_model("tiplines", "Identifier")
    renamed = {}
    for rows in batches(Identifier):
        for row in rows:
            old = bytes(row.digest).hex()[:DIGEST_LETTERS]
            row.digest = digest_of(row)
            renamed[old] = row.digest.hex()[:DIGEST_LETTERS]
        Identifier.objects.bulk_update(rows, ["digest"])
    return renamed


def renamed_field(field, renamed):
    kind, colon, digest = field.partition(":")
    return f"{kind}{colon}{renamed.get(digest, digest)}"


def seal_batch(model, tiplines):
    hung = hung_on(model, tiplines)
    keys = {seen.identifier_id for rows in hung["Sighting"].values() for seen in rows}
    identifiers = model("Identifier").objects.in_bulk(keys)
    for tip in tiplines:
        at = tip.incident_at or tip.ncmec_received_at or tip.received_at
        parties = hung["Party"][tip.pk]
        own = {
            row.pk
            for row in parties
            if is_protected(role=row.role, age=row.age, date_of_birth=row.date_of_birth, at=at)
        }
        if not own:
            continue
        guard = guard_of({name: rows[tip.pk] for name, rows in hung.items()}, own, identifiers)
        for row in parties:
            row.is_protected = row.pk in own
            if row.is_protected:
                row.name_keys = name_keys((row.name, *row.display_names))
            keep(row, party_covers(vars(row), guard, own=row.is_protected))
        for row in hung["Address"][tip.pk]:
            keep(row, address_covers(vars(row), guard, own=row.party_id in own))
        for row in hung["FileRecord"][tip.pk]:
            keep(row, file_covers(vars(row), guard))
        for row in hung["Sighting"][tip.pk]:
            seen = identifiers[row.identifier_id]
            value = (seen.kind, value_of(seen))
            keep(row, sighting_covers(vars(row), guard, own=row.party_id in own, value=value))
            if row.sealed and not seen.sealed:
                seen.sealed = seal_json({"value": seen.value}, about=about_identifier(seen))
                seen.value = COVER
                seen.save(update_fields=["sealed", "value"])
        for name in TEXTS:
            setattr(tip, name, guard.prose.text(getattr(tip, name)))
        line = line_without(tip.suspect_line, guard)
        if line != tip.suspect_line:
            tip.suspect_line, tip.assessed_at = line, None  # so that its case is told
        tip.save(update_fields=[*TEXTS, "suspect_line", "assessed_at"])


def hung_on(model, tiplines):
    """By model and tipline."""
    hung = {}
    for name in ("Party", "Address", "FileRecord", "Sighting", "Correction"):
        hung[name] = defaultdict(list)
        for row in model(name).objects.filter(tipline__in=tiplines).order_by("pk"):
            hung[name][row.tipline_id].append(row)
    return hung


def guard_of(hung, own, identifiers):
    received = defaultdict(list)
    for row in hung["Correction"]:
        kind, colon, _digest = row.field.partition(":")
        if row.place and (kind != "at" if colon else kind in NAMING):
            received[row.place].append(row.before)
    texts, values = defaultdict(list), defaultdict(set)
    for row in hung["Sighting"]:
        if row.party_id in own:
            seen = identifiers[row.identifier_id]
            texts[row.party_id] += [*texts_of(row.original, value_of(seen)), *received[row.place]]
            values[row.party_id].add((seen.kind, value_of(seen)))
    for row in hung["Address"]:
        if row.party_id in own:
            texts[row.party_id] += [row.text, *received[row.place]]
    return Guard(
        tuple(
            Protected(
                position=row.position,
                label=label_of(row.position),
                names=(row.name, *row.display_names, *received[row.place]),
                texts=(*texts[row.pk], row.text),
                values=frozenset(values[row.pk]),
            )
            for row in hung["Party"]
            if row.pk in own
        )
    )


def keep(row, covers):
    told = {name: getattr(row, name) for name in covers}
    kept = sealed(told, covers, about=about_of(row))
    for name, value in kept.items():
        setattr(row, name, value)
    row.save()


def value_of(seen):
    if seen.sealed is None:
        return seen.value
    return unseal_json(bytes(seen.sealed), about=about_identifier(seen))["value"]


def about_identifier(seen):
    return f"identifier:{bytes(seen.digest).hex()}"


def name_keys(names):
    folded = sorted({fold(name) for name in names} - {""})
    return [index(f"name\0{name}").hex() for name in folded]


def line_without(line, guard):
    """The suspect's line without the parts that name a protected person."""
    parts = [
        part
        for part in line.split(" · ")
        if not guard.others.covers(part) and part not in guard.of_texts
    ]
    return " · ".join(parts)


# --- Backwards ------------------------------------------------------------------------------------


def open_all(apps, editor):
    def model(name):
        return apps.get_model("tiplines", name)

    Version, Correction = model("Version"), model("Correction")
    for rows in batches(model("Tipline"), parties__is_protected=True):
        open_batch(model, list(dict.fromkeys(rows)))
    for rows in batches(model("Identifier"), sealed__isnull=False):
        for row in rows:
            row.value, row.sealed = value_of(row), None
            row.save(update_fields=["value", "sealed"])
    renamed = renew_digests(apps, plain_digest)
    for rows in batches(Correction):
        for row in rows:
            for name, value in opened(row, row.sealed).items():
                setattr(row, name, value)
            row.field = renamed_field(row.field, renamed)
        Correction.objects.bulk_update(rows, ["before", "after", "reason", "field"])
    for rows in batches(Version):
        for row in rows:
            row.source = opened(row, row.sealed_source)
            row.difference = opened(row, row.sealed_difference) or []
        Version.objects.bulk_update(rows, ["source", "difference"])


def opened(row, token):
    return unseal_json(bytes(token), about=about_of(row)) if token else None


def open_batch(model, tiplines):
    """The rows as they were told, and the texts as the documents have them."""
    hung = hung_on(model, tiplines)
    for kind in ("Party", "Address", "FileRecord", "Sighting"):
        for row in (each for rows in hung[kind].values() for each in rows):
            for name, value in (opened(row, row.sealed) or {}).items():
                setattr(row, name, value)
            row.sealed = None
            row.save()
    for tip in tiplines:
        present = {}
        for row in tip.versions.order_by("number"):
            slot = row.format if row.is_whole else f"{row.format} {row.number}"
            present[slot] = reread(row.format, opened(row, row.sealed_source))
        if present:
            report = merge(list(present.values())).report
            for name in TEXTS:
                setattr(tip, name, getattr(report, name))
            tip.save(update_fields=TEXTS)
