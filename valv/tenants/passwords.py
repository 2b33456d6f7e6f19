"""Which passwords are taken, and changing one's own."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Malformed
from valv.core.people import Actor
from valv.storage import scope
from valv.tenants.models import User
from valv.tenants.signin_models import SignIn


def check_password_is_good(password: str) -> None:
    """Raises Malformed for one that is short, common or known to be breached."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise Malformed(" ".join(error.messages), field="password") from None


def change_password(user: User, password: str, *, actor: Actor, now: datetime) -> None:
    """Give the user another password, and end all their sign-ins."""
    check_password_is_good(password)
    hashed = make_password(password)
    with scope.writing(user.tenant_id):
        User.objects.filter(id=user.id).update(password=hashed)
        SignIn.objects.filter(user_id=user.id).delete()
        details = {"setting": "password", "user": user.id}
        record(Act(Action.SETTING, details=details), actor=actor, now=now)
