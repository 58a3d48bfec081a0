"""One settings file. Everything that differs between places comes from the environment."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from ifso import env

HOME = Path(__file__).resolve().parent.parent

# Where the system keeps what it receives, and which servers it uses.
DATA = env.folder("IFSO_DATA", default=HOME / ".local" / "demo")
WATCHED = env.optional_folder("IFSO_WATCHED")  # files put there come in by themselves
CHECKPOINTS = env.folder("IFSO_CHECKPOINTS", default=DATA / "checkpoints")  # best on another host
SIGNING_KEY = env.folder(
    "IFSO_SIGNING_KEY", default=DATA / "signing_key.pem"
)  # Ed25519, the sealer's
DATABASES = {
    "default": {
        **env.database("DATABASE_URL", default="postgres://ifso@localhost/ifso"),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": False,
    }
}
REDIS_URL = env.text("REDIS_URL", default="redis://localhost:6379/0")
# Whether links to other hosts may go without TLS: said by whoever knows the network to be private.
PLAIN_LINKS_ALLOWED = (
    env.choice("PLAIN_LINKS", {"refused", "private-network"}, default="refused")
    == "private-network"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = env.text("SECRET_KEY", default="only-for-commands-that-need-no-secret")
NAME_KEYS = env.words("IFSO_NAME_KEYS")  # seal names, the newest first; see tiplines/sealing.py
INDEX_KEY = env.text("IFSO_INDEX_KEY", default="")  # makes the digests by which values are found
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default="localhost,127.0.0.1")
DEBUG = False
HTTPS = env.truth("HTTPS", default=False)

INSTALLED_APPS = [
    "ifso",
    "audit",
    "districts",
    "accounts",
    "tiplines",
    "nexus",
    "cases",
    "operations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "guardian",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ifso.http.Headers",
    "ifso.logs.RequestIds",
    "ifso.http.Refusals",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.http.SignInMiddleware",
    "accounts.http.OfficerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "ifso.urls"
WSGI_APPLICATION = "ifso.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HOME / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.http.officer_context",
                "cases.notices.context",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
FORM_RENDERER = "ifso.forms.Renderer"

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
AXES_FAILURE_LIMIT = 5  # wrong tries; CJIS AC-7
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_LOCKOUT_CALLABLE = "accounts.tries.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # our own sessions keep it
AXES_CLIENT_IP_CALLABLE = "accounts.origins.address_of"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "answer"]
PROXIES = 1 if HTTPS else 0  # how many of ours stand before the web processes

# The second factor. Only a demo on made data may do without; the sign-in page then says so.
SECOND_FACTOR_COMPULSORY = (
    env.choice("SECOND_FACTOR", {"compulsory", "optional"}, default="compulsory") == "compulsory"
)
FACTOR_KEYS = env.fernet_keys("FACTOR_KEYS")

# The force's own identity provider, if it has one: it stands in for the password, for nothing else.
OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = env.together(
    "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"
)
OIDC_ISSUER = env.guarded_address("OIDC_ISSUER", OIDC_ISSUER)
OIDC_CLAIM = env.text("OIDC_CLAIM", default="preferred_username")  # an officer's number

ANONYMOUS_USER_NAME = None  # guardian: no row for strangers
GUARDIAN_MONKEY_PATCH_USER = False

SESSION_HOURS = 12  # from sign-in to the end, whatever happens; the longest shift
SESSION_IDLE_MINUTES = 30  # without an act, then it locks; CJIS AC-11
SESSION_WARNING_MINUTES = 2  # before it locks
SESSION_COOKIE_AGE = (SESSION_HOURS + 1) * 3600  # seconds; our own limit comes first
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = False  # the proxy's work
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no words in cookies
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Language and time: pages speak the officer's language and show Indian time.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi"))]
LOCALE_PATHS = [HOME / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
FORMAT_MODULE_PATH = ["ifso.formats"]

# Files: ours, and those that npm brought.
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [HOME / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "ifso.assets.VendorFinder",
]
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Uploads: a dispatch goes to disk as it comes; nothing else may be large.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = DATA / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o600
DISPATCH_MAX_BYTES = 4 * 1024**3
UPLOAD_CHUNK_BYTES = 4 * 1024**2  # under DATA_UPLOAD_MAX_MEMORY_SIZE: a chunk is one request
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

# Work in the background. The rows say what is due; a message is only a nudge, so the results of
# tasks and the loss of a message do not matter.
CELERY_BROKER_URL = env.celery_broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,  # seconds; longer than any task
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
# A worker of its own: groups have one writer, and its arrays are no load on those who read.
CELERY_TASK_ROUTES = {
    "nexus.tasks.alert": {"queue": "celery"},  # does not wait for a full run
    "nexus.tasks.*": {"queue": "nexus"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]  # events follow the first
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_TIMEZONE = TIME_ZONE

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.tokens.OfficerOnDuty"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttles.ByAddress", "accounts.throttles.ByKey"],
    "DEFAULT_THROTTLE_RATES": {"address": "1200/min", "key": "600/min", "wrong-key": "30/min"},
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NUM_PROXIES": PROXIES,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "ifso.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the proxy redirects to HTTPS
    "guardian.W001",
    "axes.W006",  # by name: changing one's address does not help
]

# The unit that runs this system: configuration, not code.
UNIT = {"short_name": "IFSO", "name": _("Intelligence Fusion and Strategic Operations")}

# Who may come in by which route.
ACCESS_TABLE = "ifso.access.ROUTES"
