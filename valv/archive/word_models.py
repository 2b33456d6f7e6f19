"""Rows of the tenant's own words: queues, agents and topics, each kept once."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class Queue(TenantOwned):
    """A queue by the source's name for it; ``name`` is what is shown.

    It is new until an administrator confirms that it is one of the tenant's.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    confirmed_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "queue"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "name"], name="queue_once")
        ]


class Agent(TenantOwned):
    """An agent by the source's id; ``name`` is the newest name given.

    A ``former`` one has a pseudonym, and no name that comes later is taken.
    """

    id = models.BigAutoField(primary_key=True)
    source_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    former = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "agent"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "source_id"], name="agent_once"
            )
        ]


class Topic(TenantOwned):
    """A topic that some agent picked, under its category; without one, under none."""

    id = models.BigAutoField(primary_key=True)
    category = models.CharField(max_length=200, default="")
    name = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "topic"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "category", "name"], name="topic_once"
            )
        ]
