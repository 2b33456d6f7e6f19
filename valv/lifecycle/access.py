"""The door to jobs: what is not there and what is not yours look the same."""

from dataclasses import replace

from valv.core.errors import NotFound
from valv.core.ids import id_from_text
from valv.core.permissions import Right
from valv.core.reach import Reach
from valv.lifecycle.models import Job
from valv.lifecycle.receipts import DELETE, DOWNLOAD, FORGET, SUBJECT
from valv.storage import scope
from valv.tenants.access import Caller

RIGHTS: dict[str, tuple[Right, ...]] = {
    FORGET: (Right.PRIVACY,),
    SUBJECT: (Right.PRIVACY,),
    DELETE: (Right.DELETE, Right.BULK),
    DOWNLOAD: (Right.DOWNLOAD, Right.BULK),
}
# What is restricted (GDPR 18) ends all the same, and is told to whose it is (GDPR 15).
PAST_RESTRICTIONS = (FORGET, SUBJECT)
OWN = (DOWNLOAD,)  # what they made is for whoever asked for it alone


def require(caller: Caller, kind: str) -> None:
    """Raises Forbidden without the rights that jobs of a kind need."""
    for right in RIGHTS[kind]:
        caller.require(right)


def reachable_job(caller: Caller, job_id: str) -> Job:
    """The job, for one who may do what it does.

    Raises NotFound for what is malformed, unknown, another tenant's, or a download that
    somebody else asked for; and Forbidden.
    """
    with scope.reading(caller.tenant.id):
        job: Job | None = Job.objects.filter(id=id_from_text(job_id)).first()
    if job is None or (job.kind in OWN and not asked_by(caller, job)):
        raise NotFound
    require(caller, job.kind)
    return job


def reach_of(caller: Caller, kind: str) -> Reach:
    """To which interactions jobs of a kind reach that somebody asks for."""
    past = kind in PAST_RESTRICTIONS
    return replace(caller.reach, in_use=False) if past else caller.reach


def asked_by(caller: Caller, job: Job) -> bool:
    """Whether it is the caller's own job."""
    actor = caller.actor
    return (job.actor_type, job.actor_id) == (actor.type.value, actor.id)
