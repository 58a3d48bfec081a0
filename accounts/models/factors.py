"""Second factors. Nothing here opens an account by itself, and no secret lies in plain text."""

from __future__ import annotations

from django.db import models

from accounts.models.officers import User


class Totp(models.Model):
    """An authenticator app: a shared secret, one for each officer."""

    officer = models.OneToOneField(User, models.CASCADE, related_name="totp")
    secret = models.TextField()
    """Encrypted by `accounts.vault`."""
    confirmed_at = models.DateTimeField(null=True, blank=True)
    """None until the officer gave one code: the app may not have taken the secret."""
    last_step = models.BigIntegerField(default=0)
    """The 30-second step of the last code taken: no code works twice."""

    def __str__(self) -> str:
        return f"authenticator app of officer {self.officer_id}"


class Passkey(models.Model):
    """A security key, or the device's own lock, by WebAuthn. Only the public half is here."""

    officer = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)
    """As base64 without padding, like `credential`."""
    credential = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"passkey {self.pk} of officer {self.officer_id}"


class RecoveryCode(models.Model):
    """A code for the day when the other factors are lost; it works once."""

    officer = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer", "digest"], name="recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk} of officer {self.officer_id}"
