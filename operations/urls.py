"""Routes of `operations`."""

from django.urls import path

from operations.views import boards, drives, misroutes, record, review, rules, wall

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
    path("record/", record.record, name="record"),
    path("record/review/", review.review, name="review"),
    path("record/review/sign-off/", review.sign_off, name="sign-off"),
]
