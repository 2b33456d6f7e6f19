"""Rows of the intake: what a tenant sets about what comes in."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class RegistrationSetting(TenantOwned):
    """What agents may register, as ``core.registration.Topics`` in JSON, since when."""

    id = models.BigAutoField(primary_key=True)
    topics = models.JSONField()
    since = InstantField()
    set_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "registration_setting"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "-id"], name="registration_setting_newest"
            )
        ]
