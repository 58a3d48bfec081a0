"""Refusals as JSON answers, in one place for the whole JSON interface."""

from typing import Any

from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import exception_handler

REFUSALS: tuple[type[Exception], ...] = ()


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """409 with the refusal's name and words; anything else as Django REST framework has it."""
    if isinstance(error, REFUSALS):
        return Response(
            {"error": type(error).__name__, "detail": str(error)}, status=status.HTTP_409_CONFLICT
        )
    return exception_handler(error, context)
