"""Routes of `operations`."""

from django.urls import path

from operations.views import (
    boards,
    drives,
    misroutes,
    record,
    reorganisations,
    review,
    rules,
    wall,
)

app_name = "operations"
urlpatterns = [
    path("board/", boards.board, name="board"),
    path("board/balance/", boards.balance, name="balance"),
    path("board/wall/", wall.wall, name="wall"),
    path("board/<slug:key>/", boards.figure, name="figure"),
    path("misroutes/", misroutes.misroutes, name="misroutes"),
    path("operations/", drives.operations, name="operations"),
    path("operations/<int:operation_id>/", drives.operation, name="operation"),
    path("operations/<int:operation_id>/add-cases/", drives.cohort, name="cohort"),
    path("operations/<int:operation_id>/end/", drives.end, name="end"),
    path(
        "operations/<int:operation_id>/<slug:key>/",
        drives.operation_figure,
        name="operation-figure",
    ),
    path("rules/", rules.rules, name="rules"),
    path("rules/propose/", rules.propose, name="propose-rules"),
    path("rules/<int:rules_number>/", rules.rule_set, name="rule-set"),
    path("rules/<int:rules_number>/confirm/", rules.confirm, name="confirm-rules"),
    path("rules/<int:rules_number>/refuse/", rules.refuse, name="refuse-rules"),
    path("rules/<int:rules_number>/withdraw/", rules.withdraw, name="withdraw-rules"),
    path("rules/<int:rules_number>/roll-back/", rules.roll_back, name="roll-back-rules"),
    path("rules/reorganisations/", reorganisations.reorganisations, name="reorganisations"),
    path("rules/reorganisations/propose/", reorganisations.propose, name="propose-reorganisation"),
    path(
        "rules/reorganisations/<int:reorganisation_number>/",
        reorganisations.reorganisation,
        name="reorganisation",
    ),
    path(
        "rules/reorganisations/<int:reorganisation_number>/confirm/",
        reorganisations.confirm,
        name="confirm-reorganisation",
    ),
    path(
        "rules/reorganisations/<int:reorganisation_number>/refuse/",
        reorganisations.refuse,
        name="refuse-reorganisation",
    ),
    path(
        "rules/reorganisations/<int:reorganisation_number>/withdraw/",
        reorganisations.withdraw,
        name="withdraw-reorganisation",
    ),
    path(
        "rules/reorganisations/<int:reorganisation_number>/call-off/",
        reorganisations.call_off,
        name="call-off-reorganisation",
    ),
    path(
        "rules/reorganisations/<int:reorganisation_number>/put-back/",
        reorganisations.put_back,
        name="put-back-reorganisation",
    ),
    path("record/", record.record, name="record"),
    path("record/review/", review.review, name="review"),
    path("record/review/sign-off/", review.sign_off, name="sign-off"),
]
