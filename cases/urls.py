"""Routes of `cases`."""

from django.urls import URLPattern, path

from cases import triage_urls
from cases.views import case, desk, restricted

app_name = "cases"
urlpatterns: list[URLPattern] = [
    *triage_urls.urlpatterns,
    path("desk/", desk.desk, name="desk"),
    path("cases/", desk.cases, name="cases"),
    path("cases/<int:case_id>/", case.case, name="case"),
    path("cases/<int:case_id>/acknowledge/", case.acknowledge, name="acknowledge"),
    path("cases/<int:case_id>/accept/", case.accept, name="accept"),
    path("cases/<int:case_id>/seen/", case.mark_seen, name="mark-seen"),
    path("cases/<int:case_id>/return/", case.return_case, name="return"),
    path("cases/<int:case_id>/allot/", case.allot, name="allot"),
    path("cases/<int:case_id>/fir/", case.register_fir, name="register-fir"),
    path("cases/<int:case_id>/progress/", case.record_progress, name="record-progress"),
    path("cases/<int:case_id>/accused/", case.add_accused, name="add-accused"),
    path("cases/<int:case_id>/arrest/", case.record_arrest, name="record-arrest"),
    path("cases/<int:case_id>/production/", case.record_production, name="record-production"),
    path("restricted/", restricted.restricted, name="restricted"),
    path("cases/<int:case_id>/restrict/", restricted.restrict, name="restrict"),
    path("cases/<int:case_id>/lift/", restricted.lift, name="lift-restriction"),
    path("cases/<int:case_id>/name/", restricted.name_officers, name="name-officers"),
    path("cases/<int:case_id>/strike/", restricted.strike, name="strike-officer"),
    path("cases/<int:case_id>/ask/", restricted.ask, name="ask-access"),
    path("cases/<int:case_id>/break-glass/", restricted.break_glass, name="break-glass"),
    path("accesses/<int:access_id>/answer/", restricted.answer, name="answer-access"),
]
