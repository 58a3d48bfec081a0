"""Nexuses: the list, one of them, and what officers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import OfficerRequest
from accounts.models import User
from audit.services import record, record_list
from cases.counting import chips
from cases.naming import mask_over
from cases.nexus_forms import REASON_AT_MOST, HandOverForm, JudgementForm
from cases.nexus_page import TIPLINES_AT_MOST, by_account, sheet_of
from cases.queue import QueueFilter
from cases.services import uniting
from nexus.models import (
    OF_NEXUSES,
    OF_VALUES,
    Judgement,
    Membership,
    Nexus,
    Tier,
    Verdict,
    is_judged,
)
from nexus.models.groups import NexusQuerySet
from nexus.services import judging
from nexus.services.judging import (
    AlreadyJudgedError,
    ContradictsError,
    FrozenError,
    NothingToJudgeError,
    TooManyHoldersError,
)
from tiplines.covering import Mask
from tiplines.models import Identifier, Sighting, Tipline
from tiplines.services.cleaning import clean
from tiplines.services.deciding import NotVisible

PAGE = 50  # nexuses
PAGES = 200
COUNT_AT_MOST = 10_000
CASES_AT_MOST = 20  # that what awaits may join


class Which(StrEnum):
    ORGANISED = "organised"
    RELATED = "related"
    ONE_ACCOUNT = "one-account"
    FROZEN = "frozen"
    DISMISSED = "dismissed"


WORDS: Mapping[Which, Promise] = {
    Which.ORGANISED: lazy_("Organised"),
    Which.RELATED: lazy_("Possibly related"),
    Which.ONE_ACCOUNT: lazy_("Of one account"),
    Which.FROZEN: lazy_("Frozen"),
    Which.DISMISSED: lazy_("Dismissed"),
}
REFUSALS: Mapping[type[Exception], Promise] = {
    AlreadyJudgedError: lazy_("That is said already, or the opposite is. Nothing was changed."),
    NothingToJudgeError: lazy_(
        "Tick two accounts or more to say that they belong together; some, but not all, to say that"
        " they do not belong with the rest."
    ),
    TooManyHoldersError: lazy_(
        "Too many accounts hold this value to be one group. Nothing was changed."
    ),
    FrozenError: lazy_("A frozen nexus is among them: nothing joins or leaves it. End that first."),
}


def chosen_by(which: Which, officer: User) -> NexusQuerySet:
    present = Nexus.objects.present_to(officer)
    dismissed = is_judged(Verdict.DISMISSED)
    match which:
        case Which.ORGANISED:
            return present.filter(~dismissed, tier=Tier.ALERT)
        case Which.RELATED:
            return present.filter(~dismissed, tier=Tier.RELATED, accounts__gt=1)
        case Which.ONE_ACCOUNT:
            return present.filter(~dismissed, tier=Tier.RELATED, accounts=1)
        case Which.FROZEN:
            return present.filter(is_judged(Verdict.FROZEN))
        case Which.DISMISSED:
            return present.filter(dismissed)


@require_GET
def nexuses(request: OfficerRequest) -> HttpResponse:
    """Those that rank first: many persons, surely tied, lately reported."""
    try:
        which = Which(request.GET.get("which", Which.ORGANISED))
        page = int(request.GET.get("page", "1"))
    except ValueError as error:
        raise BadRequest("which or page") from error
    if not 1 <= page <= PAGES:
        raise BadRequest("page")
    lists = {each: chosen_by(each, request.user) for each in Which}
    found = lists[which].order_by("-score", "-pk")
    rows = list(found.values_list("pk", flat=True)[(page - 1) * PAGE : page * PAGE + 1])
    lines = list(found.filter(pk__in=rows[:PAGE]).with_shown(request.user))
    record_list(
        verb="nexuses.read",
        subject=f"nexuses:{which}",
        seen=[nexus.pk for nexus in lines],
        actor=request.user,
        at=timezone.now(),
    )
    return render(
        request,
        "nexus/nexuses.html",
        {
            "title": WORDS[which],
            "chips": chips(WORDS, lists, chosen=which, cap=COUNT_AT_MOST),
            "lines": lines,
            "next": f"?which={which}&page={page + 1}" if len(rows) > PAGE else "",
        },
    )


@require_GET
def nexus(request: OfficerRequest, nexus_id: int) -> HttpResponse:
    found = find(request, nexus_id)
    if found.into_id and Nexus.objects.visible_to(request.user).filter(pk=found.into_id).exists():
        messages.info(request, _("%(old)s is part of this nexus now.") % {"old": found.label})
        return redirect("cases:nexus", nexus_id=found.into_id)
    return draw(request, found)


def draw(
    request: OfficerRequest,
    found: Nexus,
    *,
    form: JudgementForm | None = None,
    hand_over_form: HandOverForm | None = None,
) -> HttpResponse:
    """The page; with a refused form on it, as 422."""
    is_refused = bool(form or hand_over_form)
    sheet = sheet_of(found, request.user)
    record(verb="nexus.opened", subject=f"nexus:{found.pk}", actor=request.user, at=timezone.now())
    said = found.judgements.standing().filter(verdict__in=OF_NEXUSES)
    standing = set(said.values_list("verdict", flat=True))
    return render(
        request,
        "nexus/nexus.html",
        {
            "nexus": found,
            "sheet": sheet,
            "form": form or JudgementForm(),
            "ticked": form.data.getlist("account") if form else [],  # type: ignore[attr-defined]
            "is_dismissed": Verdict.DISMISSED in standing,
            "is_frozen": Verdict.FROZEN in standing,
            "is_released": Verdict.RELEASED in standing,
            "hand_over_form": hand_over_form or form_to_hand_over(found, request.user),
        },
        status=422 if is_refused else 200,
    )


def form_to_hand_over(found: Nexus, officer: User, said: QueryDict | None = None) -> HandOverForm:
    """Of all that await the unit's decision; the cases with most of the nexus come first."""
    awaiting = uniting.awaiting_of(found, officer)
    cases = uniting.open_cases_of(found, officer).with_places().order_by("-urgency", "pk")
    return HandOverForm(
        said,
        awaiting=awaiting,
        cases=list(cases[:CASES_AT_MOST]),
        initial={"tipline": [tip.pk for tip in awaiting]},
    )


def find(request: OfficerRequest, nexus_id: int) -> Nexus:
    return get_object_or_404(Nexus.objects.visible_to(request.user), pk=nexus_id)


@require_POST
def judge(request: OfficerRequest, nexus_id: int) -> HttpResponse:
    found = find(request, nexus_id)
    form = JudgementForm(request.POST)
    members = members_of(found, request.user)
    form.fields["account"].choices = [(key, key) for key in members]  # type: ignore[attr-defined]
    if not form.is_valid():
        return draw(request, found, form=form)
    try:
        _judge(found, form, members, by=request.user)
    except tuple(REFUSALS) as error:
        form.add_error(None, str(REFUSALS[type(error)]))
        return draw(request, found, form=form)
    except ContradictsError as error:
        tiplines = [each for of in members.values() for each in of]
        form.add_error(None, contradiction(error, mask_over(tiplines)))
        return draw(request, found, form=form)
    messages.success(
        request, _("It is kept, and holds from now on. The groups follow within seconds.")
    )
    return redirect("cases:nexus", nexus_id=found.pk)


@require_POST
def hand_over(request: OfficerRequest, nexus_id: int) -> HttpResponse:
    """Give what awaits of it to one holder, as one case."""
    found = find(request, nexus_id)
    form = form_to_hand_over(found, request.user, request.POST)
    if not form.is_valid():
        return draw(request, found, hand_over_form=form)
    said, at = form.cleaned_data, timezone.now()
    keys, note = said["tipline"], said["note"]
    try:
        if isinstance(said["place"], int):
            case_id = said["place"]
            done = uniting.join(
                found, tipline_ids=keys, case_id=case_id, by=request.user, at=at, note=note
            )
        else:
            district_id, station_id = said["place"]
            done = uniting.hand_over(
                found,
                tipline_ids=keys,
                district_id=district_id,
                station_id=station_id,
                by=request.user,
                at=at,
                note=note,
            )
    except (uniting.NothingAwaits, uniting.CaseNotOfNexus, NotVisible):
        form.add_error(
            None, _("Another officer was first, or they need a supervisor. Nothing was changed.")
        )
        return draw(request, found, hand_over_form=form)
    if done.left:
        messages.warning(request, left_words(done.left))
    words = ngettext(
        "%(count)s tipline was handed over as one case.",
        "%(count)s tiplines were handed over as one case.",
        done.count,
    )
    messages.success(request, words % {"count": done.count})
    # Where it can be undone.
    shown = QueueFilter(organised=True).query(done=str(done.batch))
    return redirect(reverse("cases:queue") + shown)


def left_words(count: int) -> str:
    return ngettext(
        "%(count)s tipline was left as it is: another officer was first, or it needs a supervisor.",
        "%(count)s tiplines were left as they are: another officer was first, or they need a"
        " supervisor.",
        count,
    ) % {"count": count}


def members_of(found: Nexus, officer: User) -> dict[int, list[Tipline]]:
    """Its tiplines that the officer may see, by account."""
    of = Membership.objects.filter(nexus=found, until=None).values("tipline")
    visible = Tipline.objects.visible_to(officer).filter(pk__in=of)
    return by_account(list(visible.only("pk", "number")))


def _judge(
    found: Nexus, form: JudgementForm, members: dict[int, list[Tipline]], *, by: User
) -> None:
    said, at = form.cleaned_data, timezone.now()
    verdict, reason = Verdict(said["verdict"]), said["reason"]
    if verdict in OF_NEXUSES:
        judging.judge_nexus(found, verdict, reason=reason, by=by, at=at)
        return
    if verdict in OF_VALUES:
        seen = Sighting.objects.filter(
            identifier=said["value"],
            links=True,
            tipline__in=[t for of in members.values() for t in of],
        )
        value = Identifier.objects.filter(pk=said["value"]).first() if seen.exists() else None
        if value is None:
            raise NothingToJudgeError
        judging.judge_value(value, verdict, nexus=found, reason=reason, by=by, at=at)
        return
    ticked = [each for key in said["account"] for each in members[key]]
    rest = [each for key in members.keys() - set(said["account"]) for each in members[key]]
    if verdict == Verdict.TOGETHER:
        if len(said["account"]) < 2:
            raise NothingToJudgeError
        judging.put_together(ticked, nexus=found, reason=reason, by=by, at=at)
    elif len(ticked) + len(rest) > TIPLINES_AT_MOST:
        raise NothingToJudgeError  # the page does not show whom it would be said of
    else:
        judging.put_apart(ticked, rest, nexus=found, reason=reason, by=by, at=at)


def contradiction(error: ContradictsError, mask: Mask) -> str:
    if error.judgement is None:
        return _("Some of them are about one account. Nothing was changed.")
    return _(
        "%(officer)s said the opposite on %(day)s: %(reason)s Nothing was changed; end that"
        " judgement first."
    ) % {
        "officer": error.judgement.by.title,
        "day": timezone.localtime(error.judgement.at).strftime("%d-%m-%Y"),
        "reason": mask.text(error.judgement.reason),
    }


@require_POST
def end_judgement(request: OfficerRequest, judgement_id: int) -> HttpResponse:
    said = get_object_or_404(Judgement.objects.visible_to(request.user), pk=judgement_id)
    back = request.POST.get("nexus", "")
    reason = clean(request.POST.get("reason", ""), REASON_AT_MOST)
    if not reason:
        messages.error(request, _("Say why it holds no longer. Nothing was changed."))
    else:
        try:
            judging.end_judgement(said.pk, reason=reason, by=request.user, at=timezone.now())
        except AlreadyJudgedError:
            messages.error(request, _("It was ended before. Nothing was changed."))
        else:
            messages.success(request, _("It holds no longer. The groups follow within seconds."))
    if back.isdecimal() and len(back) < 19:
        return redirect("cases:nexus", nexus_id=int(back))
    return redirect("cases:nexuses")
