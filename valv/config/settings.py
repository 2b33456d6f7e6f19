"""Django's settings, all in one file, from the environment by ``env``.

Every default is the safe one. What would be dangerous has no default: the start is
refused with a sentence that says what to do.
"""

from pathlib import Path

from valv.config import env, secrets
from valv.config.databases import databases

PACKAGE = Path(__file__).resolve().parent.parent

VALV_DATA = env.path("VALV_DATA", "valv-data")
VALV_BLOBS_URL = env.text("VALV_BLOBS_URL", (VALV_DATA / "blobs").as_uri())
VALV_BLOBS_SECRETS = {
    "access_key_id": env.text("VALV_BLOBS_ACCESS_KEY_ID"),
    "secret_access_key": env.text("VALV_BLOBS_SECRET_ACCESS_KEY"),
    "session_token": env.text("VALV_BLOBS_SESSION_TOKEN"),
}
VALV_CHECKPOINTS_URL = env.text(
    "VALV_CHECKPOINTS_URL", (VALV_DATA / "checkpoints").as_uri()
)
VALV_MASTER_KEY = secrets.master_key(VALV_DATA)
VALV_MASTER_KEY_PLACE = secrets.master_key_place(VALV_DATA)
VALV_NEW_MASTER_KEY = secrets.new_master_key()
VALV_PUBLIC_URL = env.web_address("VALV_PUBLIC_URL", "http://localhost:8000")
VALV_MAIL_FROM = env.text("VALV_MAIL_FROM")
VALV_MAIL_SERVER = env.mail_server("VALV_SMTP_URL", mail_from=VALV_MAIL_FROM)
VALV_SMS_GATEWAY = env.sms_gateway("VALV_SMS_URL")
VALV_TRUSTED_PROXY = env.flag("VALV_TRUSTED_PROXY")
VALV_THREADS = env.number("VALV_THREADS", 16)
VALV_TOKEN_RATE = env.number("VALV_TOKEN_RATE", 2000)
VALV_WEBHOOK_HOSTS = [word.lower() for word in env.words("VALV_WEBHOOK_HOSTS")]
VALV_METRICS_TOKEN = env.text("VALV_METRICS_TOKEN")

VALV_BREACHED_PASSWORDS = env.text("VALV_BREACHED_PASSWORDS")
BREACHED = "valv.tenants.breached.BreachedPasswordValidator"

SECRET_KEY = secrets.derived(VALV_MASTER_KEY, "django")
DEBUG = False
ALLOWED_HOSTS = secrets.hosts(VALV_PUBLIC_URL, env.words("VALV_ALLOWED_HOSTS"))
CSRF_TRUSTED_ORIGINS = [VALV_PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "valv.storage",
    "valv.audit",
    "valv.tenants",
    "valv.archive",
    "valv.intake",
    "valv.lifecycle",
    "valv.portal",
    "valv.jobs",
]
MIDDLEWARE = [
    "valv.api.door.ApiDoor",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "valv.portal.middleware.PortalMiddleware",
]
ROOT_URLCONF = "valv.config.urls"
WSGI_APPLICATION = "valv.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [PACKAGE / "portal" / "templates"],
        "OPTIONS": {
            "environment": "valv.portal.jinja.environment",
            "context_processors": ["valv.portal.jinja.one_token"],
        },
    }
]

DATABASES = databases(VALV_DATA)
DATABASE_ROUTERS = ["valv.storage.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS: list[str] = []  # Django is asked for hashes alone
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    *([{"NAME": BREACHED}] if VALV_BREACHED_PASSWORDS else []),
]
SESSION_ENGINE = "valv.portal.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 7 * 24 * 3600  # the longest a tenant may let a sign-in last
SESSION_COOKIE_SECURE = VALV_PUBLIC_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if VALV_TRUSTED_PROXY else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SESSION_COOKIE_SECURE else 0
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sv", "Svenska")]
LOCALE_PATHS = [PACKAGE / "portal" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = None
STATICFILES_DIRS: list[Path] = []
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "valv": {"level": "INFO"},
        # Django logs the address of a request that failed, and its local values: a
        # session id in it may be somebody's number.
        "django.request": {"level": "CRITICAL", "propagate": False},
        "django.security": {"level": "CRITICAL", "propagate": False},
        "django.server": {"level": "CRITICAL", "propagate": False},
    },
}
