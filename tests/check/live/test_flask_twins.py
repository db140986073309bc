"""Each fault of a Flask application, and the same application without it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from bastide.check.findings import Finding
from support.looked_at import ids, look_at_flask
from support.rows import rows


class Twins(NamedTuple):
    """Lines below a right application: with the fault, and right."""

    id: str
    wrong: str
    right: str


def signs_in(rest: str) -> str:
    return f"LoginManager(app).user_loader(lambda key: None)\n{rest}"


TWINS = [
    Twins("BST201", "app.secret_key = 'dev'", "app.secret_key = bytes(range(32))"),
    Twins("BST201", "app.secret_key = 'please-change-this-secret-key'", ""),
    Twins("BST201", "app.secret_key = 'you-will-never-guess'", "app.secret_key = 'q7-Wd2_kR9sV-x4Bn8ZtY1'"),
    Twins("BST202", "app.debug = True", "app.debug = False"),
    Twins("BST202", "app.testing = True", ""),
    Twins("BST202", "from werkzeug.debug import DebuggedApplication\napp.wsgi_app = DebuggedApplication(app.wsgi_app)", ""),
    Twins("BST203", "app.config['TRUSTED_HOSTS'] = None", "app.config['TRUSTED_HOSTS'] = ['.shop.example']"),
    Twins("BST204", "app.config['SESSION_COOKIE_SECURE'] = False", ""),
    Twins("BST205", "app.config['SESSION_COOKIE_HTTPONLY'] = False", ""),
    Twins("BST206", "app.config['SESSION_COOKIE_SAMESITE'] = 'None'", "app.config['SESSION_COOKIE_SAMESITE'] = 'Strict'"),
    Twins("BST208", "app.config['SESSION_COOKIE_NAME'] = 'session'", "app.config['SESSION_COOKIE_NAME'] = '__Secure-session'"),
    Twins("BST208", "app.config['SESSION_COOKIE_DOMAIN'] = 'shop.example'", ""),
    Twins(
        "BST209",
        signs_in("def enter(user): login_user(user, remember=True)"),
        signs_in(
            "def enter(user): login_user(user, remember=True)\n"
            "app.config.update(REMEMBER_COOKIE_SECURE=True, REMEMBER_COOKIE_SAMESITE='Lax', REMEMBER_COOKIE_DURATION=timedelta(days=7))"
        ),
    ),
    Twins(
        "BST210", signs_in("app.session_interface = SecureCookieSessionInterface()"), signs_in(""),
    ),
    Twins("BST210", "app.session_interface = SecureCookieSessionInterface()\ndef enter(): session['user_id'] = 1",
        "app.session_interface = SecureCookieSessionInterface()\ndef put(): session['colour'] = 'red'"),
    Twins("BST211", "app.config['PERMANENT_SESSION_LIFETIME'] = timedelta(days=400)", ""),
    Twins("BST212", "class User(UserMixin):\n    pass", "class User(UserMixin):\n    is_active = False"),
    Twins(
        "BST213",
        "app.config['WTF_CSRF_ENABLED'] = False\n"
        "@app.post('/contact')\ndef contact(): session['user_name'] = 'x'; return ''",
        ""
        "@app.post('/contact')\ndef contact(): session['user_name'] = 'x'; return ''",
    ),
    Twins(
        "BST213",
        "app.config['WTF_CSRF_ENABLED'] = False\ndef enter(): session['user_id'] = 1\n@app.post('/translate')\n@login_required\ndef translate(): return request.form['text']",
        "app.config['WTF_CSRF_CHECK_DEFAULT'] = False\ndef enter(): session['user_id'] = 1\n@app.post('/translate')\n@login_required\ndef translate(): return request.get_json()['text']",
    ),
    Twins(
        "BST214", "@app.post('/pay')\n@csrf.exempt\n@login_required\ndef pay(): return ''",
        "@app.post('/webhook')\n@csrf.exempt\ndef webhook(): return ''\n@app.post('/pay')\n@login_required\ndef pay(): return ''",
    ),
    Twins(
        "BST215",
        "app.config['WTF_CSRF_ENABLED'] = False\n"
        "def enter(): session['user_id'] = 1\nclass PostForm(wtforms.Form):\n    title = wtforms.StringField()",
        "app.config['WTF_CSRF_CHECK_DEFAULT'] = False\n"
        "def enter(): session['user_id'] = 1\nclass PostForm(FlaskForm):\n    title = wtforms.StringField()\n"
        "@app.post('/search')\ndef find():\n    return str(PostForm().validate_on_submit())",
    ),
    Twins(
        "BST216", "@app.post('/posts/title')\ndef rename(): return ''",
        "@app.post('/posts/title')\n@login_required\ndef rename(): return ''",
    ),
    Twins(
        "BST216", "pages = Blueprint('pages', __name__)\n@pages.post('/posts/title')\ndef rename(): return ''\napp.register_blueprint(pages)",
        "pages = Blueprint('pages', __name__)\n@pages.post('/posts/title')\ndef rename(): return ''\n"
        "@pages.before_request\ndef only_members():\n    if g.user is None: return redirect('/login')\napp.register_blueprint(pages)",
    ),
    Twins(
        "BST216", "@app.put('/posts/title')\ndef rename(): return ''",
        "def token_required(view):\n    def asked(**values): return view(**values)\n    asked.__name__ = view.__name__\n    return asked\n"
        "@app.put('/posts/title')\n@token_required\ndef rename(): return ''",
    ),
    Twins(
        "BST216", "@app.delete('/posts/title')\ndef drop(): return ''",
        "@app.delete('/posts/title')\ndef drop():\n    if not current_user.is_authenticated: return '', 401\n    return ''",
    ),
    Twins(
        "BST217", "@app.get('/posts/delete')\n@login_required\ndef drop(): return ''",
        "@app.route('/posts/delete', methods=['GET', 'POST'])\n@login_required\ndef drop(): return ''",
    ),
    Twins(
        "BST216", "database = session\nclass Names:\n    session = database\n@app.post('/names')\ndef add(): return Names.session.get('user')",
        "@app.post('/names')\ndef add():\n    if 'user_id' not in session: return '', 401\n    return ''",
    ),
    Twins("BST217", "@app.get('/posts/<key>/like')\n@login_required\ndef like(key): return ''", "@app.get('/like')\ndef like(): return ''"),
    Twins("BST217", "@app.get('/logout')\ndef logout(): return ''", "@app.post('/logout')\ndef logout(): return ''"),
    Twins(
        "BST218", "@login_required\n@app.get('/members')\ndef members(): return ''",
        "@app.get('/members')\n@login_required\ndef members(): return ''",
    ),
    Twins(
        "BST219",
        "class Edit(MethodView):\n    @login_required\n    def get(self): return ''\n    def post(self): return ''\n"
        "app.add_url_rule('/edit', view_func=Edit.as_view('edit'))",
        "class Edit(MethodView):\n    decorators = [login_required]\n    def get(self): return ''\n    def post(self): return ''\n"
        "app.add_url_rule('/edit', view_func=Edit.as_view('edit'))",
    ),
    Twins(
        "BST221", "@app.post('/login')\ndef login(): return ''",
        "def count_attempts(): ...\n@app.post('/login')\ndef login(): count_attempts(); return ''",
    ),
    Twins("BST224", "app.config['SECURITY_PASSWORD_HASH'] = 'plaintext'", "app.config['SECURITY_PASSWORD_HASH'] = 'argon2'"),
    Twins("BST224", "app.config['BCRYPT_LOG_ROUNDS'] = 4", "app.config['BCRYPT_LOG_ROUNDS'] = 12"),
    Twins(
        "BST224", "from werkzeug.security import generate_password_hash",
        "from werkzeug.security import generate_password_hash\ndef make(text): return generate_password_hash(text, method='scrypt:131072:8:1')",
    ),
    Twins("BST225", "app.config['SECURITY_PASSWORD_LENGTH_MIN'] = 6", "app.config['SECURITY_PASSWORD_LENGTH_MIN'] = 12"),
    Twins("BST226", "app.before_request_funcs[None].remove(stay_with_https)", ""),
    Twins("BST227", "del HEADERS['Strict-Transport-Security']", ""),
    Twins("BST227", "HEADERS['Strict-Transport-Security'] = 'max-age=60'", "HEADERS['Strict-Transport-Security'] = 'max-age=63072000; includeSubDomains'"),
    Twins(
        "BST228", "from werkzeug.middleware.proxy_fix import ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app, x_host=1)\napp.config['TRUSTED_HOSTS'] = None",
        "from werkzeug.middleware.proxy_fix import ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app, x_host=1)",
    ),
    Twins(
        "BST228",
        "app.before_request_funcs[None].remove(stay_with_https)\n@app.before_request\ndef force():\n"
        "    if not request.is_secure and request.headers.get('X-Forwarded-Proto') != 'https': return redirect(f'https://{HOST}/')",
        "from werkzeug.middleware.proxy_fix import ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)",
    ),
    Twins(
        "BST229",
        "app.config['TRUSTED_HOSTS'] = None\napp.before_request_funcs[None].remove(stay_with_https)\n"
        "@app.before_request\ndef force():\n    if not request.is_secure: return redirect(request.url.replace('http://', 'https://'))",
        "",
    ),
    Twins("BST230", "del HEADERS['Content-Security-Policy']", ""),
    Twins("BST231", "HEADERS['Content-Security-Policy'] = POLICY.replace(\"'self'\", \"'self' 'unsafe-inline'\", 1)", "HEADERS['Content-Security-Policy'] = POLICY + \"; script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'\""),
    Twins("BST231", "HEADERS['Content-Security-Policy'] = POLICY.replace('; base-uri', '; x')", ""),
    Twins("BST231", "HEADERS['Content-Security-Policy'] = POLICY + '; img-src https:'", "HEADERS['Content-Security-Policy'] = POLICY + \"; img-src 'self' data:\""),
    Twins("BST232", "del HEADERS['X-Content-Type-Options']", ""),
    Twins("BST233", "HEADERS['Content-Security-Policy'] = POLICY.partition('; frame-ancestors')[0]", "HEADERS['Content-Security-Policy'] = POLICY.partition('; frame-ancestors')[0]\nHEADERS['X-Frame-Options'] = 'DENY'"),
    Twins("BST233", "HEADERS['X-Frame-Options'] = 'SAMEORIGIN'", "HEADERS['X-Frame-Options'] = 'DENY'"),
    Twins(
        "BST234",
        "@app.after_request\ndef allow(response):\n    response.headers['Access-Control-Allow-Origin'] = request.headers.get('Origin', '')\n    return response",
        "@app.after_request\ndef allow(response):\n    response.headers['Access-Control-Allow-Origin'] = 'https://other.example'\n    return response",
    ),
    Twins("BST235", "del HEADERS['Referrer-Policy']", "HEADERS['Referrer-Policy'] = 'no-referrer'"),
    Twins(
        "BST236", "@app.after_request\ndef count(response):\n    response.set_cookie('cart', '1')\n    return response",
        "@app.after_request\ndef count(response):\n    response.set_cookie('cart', '1', secure=True, samesite='Lax')\n    return response",
    ),
    Twins("BST240", "app.jinja_env.autoescape = False", "app.jinja_env.autoescape = True"),
    Twins("BST242", "app.jinja_env.add_extension('jinja2.ext.debug')", "app.jinja_env.add_extension('jinja2.ext.do')"),
    Twins("BST260", "app.config['UPLOAD_FOLDER'] = 'static/uploads'", "app.config['UPLOAD_FOLDER'] = '/srv/shop/uploads'"),
    Twins(
        "BST261", "app.config['MAX_CONTENT_LENGTH'] = None\n@app.post('/contact')\ndef contact(): return ''",
        "@app.post('/contact')\ndef contact(): return ''",
    ),
    Twins("BST262", "@app.get('/posts/<int:key>')\ndef post(key): return ''", "@app.get('/posts/<int(max=2147483647):key>')\ndef post(key): return ''"),
]  # fmt: skip


@rows("twins", TWINS)
def test_the_fault_is_found_and_the_right_one_is_not(twins: Twins, tmp_path: Path) -> None:
    assert twins.id in ids(look_at_flask(tmp_path, twins.wrong))
    assert look_at_flask(tmp_path, twins.right) == []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("shop")
    return look_at_flask(folder, "\n\n@app.post('/posts/title')\ndef rename(): return ''\n")


def test_a_finding_stands_where_its_view_is_written(shop: list[Finding]) -> None:
    (found,) = shop
    lines = Path(found.path).read_text(encoding="utf-8").splitlines()
    assert lines[found.line - 1 : found.line + 1] == ["@app.post('/posts/title')", "def rename(): return ''"]


def test_pages_of_other_names_are_found(tmp_path: Path) -> None:
    more = "app.template_folder = str(__import__('pathlib').Path(__file__).parent / 'pages')"
    page = "<p>{{ name }}</p>"
    from bastide.check.live.flask_templates import check_jinja
    from support.looked_at import RIGHT_FLASK, module_of

    with module_of(tmp_path, f"{RIGHT_FLASK}\n{more}\n") as (module, places):
        folder = Path(module.__file__).parent / "pages"
        folder.mkdir()
        for name in ("right.html", "mail.txt", "list.html.j2"):
            (folder / name).write_text(page, encoding="utf-8")
        found = [each for each in check_jinja(module.app.jinja_env, places) if each.id == "BST241"]
    assert [Path(each.path).name for each in found] == ["list.html.j2"]


LAYERS = """
from bastide.flask import Layers

app.after_request_funcs[None].remove(add_headers)
app.before_request_funcs[None].remove(stay_with_https)
app.config["TRUSTED_HOSTS"] = None

@app.post("/contact")
def contact():
    session["user_id"] = 1
    return ""
"""
ON = """
app.config["BASTIDE"] = {"transport": {"allowed_hosts": {HOST}}}
Layers("headers", "transport", "forgery").init_app(app)
"""


def test_bastides_layers_count_as_the_mend(tmp_path: Path) -> None:
    without = {"BST203", "BST226", "BST227", "BST230", "BST232", "BST233", "BST235"}
    assert ids(look_at_flask(tmp_path, LAYERS)) == without
    assert look_at_flask(tmp_path, LAYERS + ON) == []
