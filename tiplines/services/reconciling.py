"""The conservation law: received = quarantined + set aside + already held + awaiting + with a
holder + ended.

Counted from rows that different acts wrote, so that a lost one shows: the archive's own directory
against the rows of its documents, documents against receipts, quarantine and what replaced them,
receipts against tiplines, and the status of each tipline against the decision that stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from accounts.scope import counting


@dataclass(frozen=True, kw_only=True)
class Account:
    """What became of one dispatch. Counts are of reports, unless they say documents."""

    dispatch_id: int
    reference: str
    is_unpacked: bool
    documents_listed: int
    """By the archive's own directory."""
    documents: int
    """Those that came in it; what an officer put in the place of one is not among them."""
    documents_waiting: int
    documents_silent: int
    """Read or refused, yet with nothing to show for it: no receipt's bundle, no item in quarantine
    or set aside, no document in its place."""
    receipts: int
    quarantined: int
    """Items that no officer has settled yet."""
    set_aside: int
    """Items that an officer ended with a reason."""
    already_held: int
    new_versions: int
    stored: int
    tiplines: int
    awaiting: int
    held: int
    ended: int
    misstated: int
    """Tiplines whose status is not the one that their standing decision gives."""
    unheld: int
    """Tiplines shown as held that no open hand-off accounts for; counted where cases are known."""

    @property
    def received(self) -> int:
        return self.receipts + self.quarantined + self.set_aside

    @property
    def faults(self) -> tuple[str, ...]:
        """Which equations do not hold, in words; empty when all do."""
        checks = (
            (
                not self.is_unpacked or self.documents_listed == self.documents,
                f"{self.documents_listed} documents listed, {self.documents} on record",
            ),
            (self.documents_silent == 0, f"{self.documents_silent} documents left no trace"),
            (
                self.receipts == self.stored + self.already_held + self.new_versions,
                f"{self.receipts} receipts are not {self.stored} stored + {self.already_held} held"
                f" + {self.new_versions} renewed",
            ),
            (
                self.stored == self.tiplines,
                f"{self.stored} reports stored, {self.tiplines} tiplines there",
            ),
            (
                self.tiplines == self.awaiting + self.held + self.ended,
                f"{self.tiplines} tiplines are not {self.awaiting} awaiting + {self.held} held"
                f" + {self.ended} ended",
            ),
            (self.misstated == 0, f"{self.misstated} tiplines contradict their decision"),
            (self.unheld == 0, f"{self.unheld} tiplines are held by nobody"),
        )
        return tuple(words for holds, words in checks if not holds)

    @property
    def holds(self) -> bool:
        return not self.faults


SQL = """
select d.id, d.reference, d.unpacked_at is not null, d.document_count,
       coalesce(doc.n, 0), coalesce(doc.waiting, 0), coalesce(doc.silent, 0),
       coalesce(rec.n, 0), coalesce(qua.n, 0), coalesce(qua.set_aside, 0),
       coalesce(rec.already_held, 0), coalesce(rec.new_versions, 0), coalesce(rec.stored, 0),
       coalesce(tip.n, 0), coalesce(tip.awaiting, 0), coalesce(tip.held, 0), coalesce(tip.ended, 0),
       coalesce(tip.misstated, 0), coalesce(tip.unheld, 0)
from tiplines_dispatch d
left join (
  select o.dispatch_id, count(*) filter (where o.replaces_id is null) as n,
         count(*) filter (where o.state = 'waiting') as waiting,
         count(*) filter (where o.state in ('read', 'quarantined')
           and instead.replaces_id is null
           and (coalesce(told.replaced, false) or not coalesce(told.stands, false)
             and (o.state = 'quarantined' or not exists (
               select 1 from tiplines_receipt r join tiplines_document b on b.id = r.document_id
               where r.dispatch_id = o.dispatch_id and b.bundle = o.bundle)
             and not exists (
               select 1 from tiplines_receipt r
               where r.dispatch_id = o.dispatch_id and r.copies > 1)))
         ) as silent
  from tiplines_document o
  left join (
    select document_id, bool_or(settlement = 'replaced') as replaced,
           bool_or(settled_at is null or settlement = 'set-aside') as stands
    from tiplines_quarantineitem where dispatch_id = any(%(ids)s) group by 1
  ) told on told.document_id = o.id
  left join (
    select distinct replaces_id from tiplines_document
    where dispatch_id = any(%(ids)s) and replaces_id is not null
  ) instead on instead.replaces_id = o.id
  where o.dispatch_id = any(%(ids)s) group by 1
) doc on doc.dispatch_id = d.id
left join (
  select dispatch_id, count(*) as n,
         count(*) filter (where outcome = 'already-held') as already_held,
         count(*) filter (where outcome = 'new-version') as new_versions,
         count(*) filter (where outcome = 'stored') as stored
  from tiplines_receipt where dispatch_id = any(%(ids)s) group by 1
) rec on rec.dispatch_id = d.id
left join (
  select dispatch_id, count(*) filter (where settled_at is null) as n,
         count(*) filter (where settlement = 'set-aside') as set_aside
  from tiplines_quarantineitem where dispatch_id = any(%(ids)s) group by 1
) qua on qua.dispatch_id = d.id
left join (
  select t.dispatch_id, count(*) as n,
         count(*) filter (where t.status = 'awaiting') as awaiting,
         count(*) filter (where t.status = 'held') as held,
         count(*) filter (where t.status in ('transferred', 'closed', 'sent-back')) as ended,
         count(*) filter (where t.status is distinct from coalesce(
           case s.kind when 'assign' then 'held' when 'transfer' then 'transferred'
                       when 'close' then 'closed' when 'send-back' then 'sent-back' end,
           'awaiting')) as misstated,
         count(*) filter (where t.status = 'held' and not exists (
           select 1 from cases_casetipline e join cases_case c on c.id = e.case_id
           where e.tipline_id = t.id and e.left_at is null
             and c.status not in ('returned', 'withdrawn'))) as unheld
  from tiplines_tipline t
  left join tiplines_decision s on s.tipline_id = t.id and s.undone_at is null
  where t.dispatch_id = any(%(ids)s) group by 1
) tip on tip.dispatch_id = d.id
where d.id = any(%(ids)s)
order by d.id
"""


def reconcile(dispatch_ids: list[int] | None = None) -> list[Account]:
    """The account of each dispatch, all of them by default, in one statement and so at one
    instant.
    """
    with counting(), connection.cursor() as cursor:
        if dispatch_ids is None:
            cursor.execute("select id from tiplines_dispatch")
            dispatch_ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(SQL, {"ids": dispatch_ids})
        names = list(Account.__dataclass_fields__)
        return [Account(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
