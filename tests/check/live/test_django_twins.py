"""Each fault of a Django project, and the same project without it."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support import django_blog
from support.looked_at import RIGHT_DJANGO, ids, look_at_settings, look_at_urls, models_of
from support.rows import rows

MIDDLEWARE = RIGHT_DJANGO["MIDDLEWARE"]
APPS = RIGHT_DJANGO["INSTALLED_APPS"]
HASHERS = "django.contrib.auth.hashers."
VALIDATION = "django.contrib.auth.password_validation."
LOGIN = "django.contrib.auth.middleware.LoginRequiredMiddleware"
REST = [*APPS, "rest_framework"]


class Settings(NamedTuple):
    """Settings with the fault, and right."""

    id: str
    wrong: dict[str, Any]
    right: dict[str, Any]


SETTINGS = [
    Settings("BST201", {"SECRET_KEY": "django-insecure-4@b9x!lq7w#z0c2v8n5m6k3j1h"}, {}),
    Settings("BST201", {"SECRET_KEY_FALLBACKS": ["secret"]}, {"SECRET_KEY_FALLBACKS": ["Qm4Zt7Xw0Lc9Vb2Nk5Hs8Gf3Rd6Jy1Pa"]}),
    Settings("BST202", {"DEBUG": True}, {"DEBUG": False}),
    Settings("BST202", {"DEBUG_PROPAGATE_EXCEPTIONS": True}, {}),
    Settings("BST203", {"ALLOWED_HOSTS": ["*"]}, {"ALLOWED_HOSTS": [".shop.example"]}),
    Settings("BST204", {"SESSION_COOKIE_SECURE": False}, {}),
    Settings("BST205", {"SESSION_COOKIE_HTTPONLY": False}, {}),
    Settings("BST206", {"SESSION_COOKIE_SAMESITE": None}, {"SESSION_COOKIE_SAMESITE": "Strict"}),
    Settings("BST207", {"CSRF_COOKIE_SECURE": False}, {"CSRF_COOKIE_SECURE": False, "CSRF_USE_SESSIONS": True}),
    Settings("BST208", {"SESSION_COOKIE_NAME": "sessionid"}, {"SESSION_COOKIE_NAME": "__Secure-id"}),
    Settings("BST208", {"SESSION_COOKIE_DOMAIN": ".shop.example"}, {}),
    Settings(
        "BST210", {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"},
        {"SESSION_ENGINE": "django.contrib.sessions.backends.cached_db"},
    ),
    Settings("BST211", {"SESSION_COOKIE_AGE": 365 * 86400}, {"SESSION_COOKIE_AGE": 7 * 86400}),
    Settings("BST213", {"MIDDLEWARE": [each for each in MIDDLEWARE if "csrf" not in each]}, {}),
    Settings(
        "BST222", {"INSTALLED_APPS": REST},
        {
            "INSTALLED_APPS": REST,
            "REST_FRAMEWORK": {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"]},
        },
    ),
    Settings("BST223", {"MIDDLEWARE": MIDDLEWARE[1:]}, {"MIDDLEWARE": [*MIDDLEWARE, LOGIN]}),
    Settings("BST223", {"MIDDLEWARE": [LOGIN, *MIDDLEWARE]}, {}),
    Settings("BST223", {"MIDDLEWARE": [*MIDDLEWARE[1:], MIDDLEWARE[0]]}, {}),
    Settings(
        "BST224", {"PASSWORD_HASHERS": [f"{HASHERS}PBKDF2PasswordHasher", f"{HASHERS}MD5PasswordHasher"]},
        {"PASSWORD_HASHERS": [f"{HASHERS}Argon2PasswordHasher", f"{HASHERS}PBKDF2SHA1PasswordHasher", f"{HASHERS}BCryptPasswordHasher"]},
    ),
    Settings("BST225", {"AUTH_PASSWORD_VALIDATORS": []}, {}),
    Settings(
        "BST225", {"AUTH_PASSWORD_VALIDATORS": [{"NAME": f"{VALIDATION}MinimumLengthValidator", "OPTIONS": {"min_length": 6}}]},
        {"AUTH_PASSWORD_VALIDATORS": [{"NAME": f"{VALIDATION}MinimumLengthValidator", "OPTIONS": {"min_length": 12}}]},
    ),
    Settings("BST228", {"ALLOWED_HOSTS": ["*"], "USE_X_FORWARDED_HOST": True}, {"USE_X_FORWARDED_HOST": True}),
    Settings(
        "BST234", {"CORS_ALLOW_ALL_ORIGINS": True, "CORS_ALLOW_CREDENTIALS": True},
        {"CORS_ALLOWED_ORIGINS": ["https://shop.example"], "CORS_ALLOW_CREDENTIALS": True},
    ),
    Settings(
        "BST240", {"TEMPLATES": [{"BACKEND": "x", "OPTIONS": {"autoescape": False}}]},
        {"TEMPLATES": [{"BACKEND": "x", "OPTIONS": {"debug": False}}]},
    ),
    Settings("BST260", {"STATIC_ROOT": "/srv/static", "MEDIA_ROOT": "/srv/static/media"}, {"STATIC_ROOT": "/srv/static", "MEDIA_ROOT": "/srv/media"}),
    Settings("BST261", {"DATA_UPLOAD_MAX_MEMORY_SIZE": None}, {}),
]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _django() -> None:
    django_blog.set_up()


@rows("twins", SETTINGS)
def test_the_setting_is_found_and_the_right_one_is_not(twins: Settings, tmp_path: Path) -> None:
    assert twins.id in ids(look_at_settings(tmp_path, **twins.wrong))
    assert look_at_settings(tmp_path, **twins.right) == []


class Urls(NamedTuple):
    """A URLconf with the fault, and right."""

    id: str
    wrong: str
    right: str


URLS = [
    Urls(
        "BST216", "def rename(request):\n    return request.POST['title']\nurlpatterns = [path('rename/', rename)]",
        "@login_required\ndef rename(request):\n    return request.POST['title']\nurlpatterns = [path('rename/', rename)]",
    ),
    Urls(
        "BST216", "@require_http_methods(['PUT'])\ndef rename(request): ...\nurlpatterns = [path('rename/', rename)]",
        "@require_http_methods(['PUT'])\n@permission_required('shop.rename')\ndef rename(request): ...\nurlpatterns = [path('rename/', rename)]",
    ),
    Urls(
        "BST216", "class Rename(View):\n    def post(self, request): ...\nurlpatterns = [path('rename/', Rename.as_view())]",
        "class Rename(UserPassesTestMixin, View):\n    def post(self, request): ...\nurlpatterns = [path('rename/', Rename.as_view())]",
    ),
    Urls(
        "BST216", "class Rename(View):\n    def post(self, request): ...\nurlpatterns = [path('rename/', Rename.as_view())]",
        "@method_decorator(login_required, name='dispatch')\nclass Rename(View):\n    def post(self, request): ...\n"
        "urlpatterns = [path('rename/', Rename.as_view())]",
    ),
    Urls(
        "BST216", "class Rename(View):\n    def post(self, request): ...\nurlpatterns = [path('rename/', Rename.as_view())]",
        "class Rename(View):\n    def post(self, request):\n        if not request.user.is_authenticated: raise PermissionDenied\n"
        "urlpatterns = [path('rename/', Rename.as_view())]",
    ),
    Urls(
        "BST216", "@api_view(['POST'])\n@permission_classes([AllowAny])\ndef rename(request): ...\nurlpatterns = [path('rename/', rename)]",
        "@api_view(['POST'])\n@permission_classes([IsAuthenticated])\ndef rename(request): ...\nurlpatterns = [path('rename/', rename)]",
    ),
    Urls(
        "BST216", "class Posts(ViewSet):\n    permission_classes = [AllowAny]\n    def create(self, request): ...\n"
        "urlpatterns = [path('posts/', Posts.as_view({'post': 'create'}))]",
        "class Posts(ViewSet):\n    permission_classes = [IsAuthenticatedOrReadOnly]\n    def create(self, request): ...\n    def list(self, request): ...\n"
        "urlpatterns = [path('posts/', Posts.as_view({'post': 'create', 'get': 'list'}))]",
    ),
    Urls(
        "BST217", "@login_required\ndef drop(request, key): ...\nurlpatterns = [path('posts/<int:key>/delete/', drop)]",
        "@login_required\ndef drop(request, key):\n    return request.method == 'POST'\nurlpatterns = [path('posts/<int:key>/delete/', drop)]",
    ),
    Urls(
        "BST219", "class Edit(View):\n    @method_decorator(login_required)\n    def get(self, request): ...\n    def post(self, request): ...\n"
        "urlpatterns = [path('edit/', Edit.as_view())]",
        "class Edit(LoginRequiredMixin, View):\n    def get(self, request): ...\n    def post(self, request): ...\n"
        "urlpatterns = [path('edit/', Edit.as_view())]",
    ),
    Urls(
        "BST214", "@csrf_exempt\n@login_required\n@require_POST\ndef pay(request): ...\nurlpatterns = [path('pay/', pay)]",
        "@csrf_exempt\n@require_POST\ndef hook(request): ...\nurlpatterns = [path('webhook/', hook)]",
    ),
    Urls(
        "BST216", "class Rename(CreateView):\n    model = None\nurlpatterns = [path('rename/', Rename.as_view())]",
        "class Rename(LoginRequiredMixin, CreateView):\n    model = None\nurlpatterns = [path('rename/', Rename.as_view())]",
    ),
    Urls(
        "BST221", "@require_POST\ndef enter(request): ...\nurlpatterns = [path('login/', enter)]",
        "def ratelimit(view): return view\ndef count_attempts(): ...\n@require_POST\ndef enter(request): count_attempts()\nurlpatterns = [path('login/', enter)]",
    ),
]  # fmt: skip


@rows("twins", URLS)
def test_the_route_is_found_and_the_right_one_is_not(twins: Urls, tmp_path: Path) -> None:
    assert twins.id in ids(look_at_urls(tmp_path, twins.wrong))
    assert look_at_urls(tmp_path, twins.right) == []


def test_login_required_middleware_asks_for_every_view(tmp_path: Path) -> None:
    views = "def rename(request):\n    return request.POST\n"
    urls = f"{views}urlpatterns = [path('rename/', rename)]"
    assert look_at_urls(tmp_path, urls, MIDDLEWARE=[*MIDDLEWARE, LOGIN]) == []
    assert ids(look_at_urls(tmp_path, urls)) == {"BST216"}


class Fields(NamedTuple):
    """A field of a model with the fault, and right."""

    id: str
    wrong: str
    right: str


FIELDS = [
    Fields("BST250", "ssn = models.CharField(max_length=11)", "ssn = EncryptedTextField(row='id', null=True)"),
    Fields("BST250", "totp_secret = models.CharField(max_length=32)", "totp_step = models.IntegerField(default=0)"),
    Fields("BST251", "username = models.CharField(max_length=30)", "username = models.CharField(max_length=30, unique=True)"),
    Fields("BST252", "password_hash = models.CharField(max_length=64)", "password_hash = models.CharField(max_length=255)"),
    Fields("BST253", "bio = models.TextField(max_length=500)", "bio = models.TextField(validators=[MaxLengthValidator(500)], max_length=500)"),
    Fields("BST254", "site = models.URLField()", "site = HttpsField()"),
    Fields("BST255", "scan = models.FileField()", "scan = models.FileField(validators=[print])"),
    Fields("BST255", "scan = models.FileField()", "scan = models.ImageField()"),
    Fields("BST256", "permissions = models.TextField()", "permissions = models.ManyToManyField('auth.Permission')"),
    Fields("BST257", "expires_at = models.DateTimeField(null=True)", "expires_at = models.DateTimeField()"),
    Fields("BST258", "failed_logins = models.IntegerField(null=True)", "failed_logins = models.IntegerField(default=0)"),
]  # fmt: skip


@rows("twins", FIELDS)
def test_the_field_is_found_and_the_right_one_is_not(twins: Fields, tmp_path: Path) -> None:
    assert twins.id in ids(models_of(tmp_path, twins.wrong))
    assert models_of(tmp_path, twins.right) == []
