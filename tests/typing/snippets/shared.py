"""What both frameworks share: `bastide`."""

from datetime import UTC, datetime, timedelta
from typing import Any, assert_never, assert_type

from bastide import (
    ARTICLE,
    SSN,
    Clock,
    Decision,
    Direction,
    FactorNeeded,
    FieldRule,
    Has,
    JsonBody,
    JsonText,
    LoggedIn,
    Mailer,
    Message,
    Order,
    Owns,
    Policy,
    Principal,
    Rate,
    Refused,
    Rule,
    SafeHtml,
    Secret,
    Services,
    SessionSettings,
    SortMap,
    SystemClock,
    TextRule,
    Uploads,
    parse_page,
    parse_query,
    parse_term,
    render_markdown,
    sanitize,
)
from bastide.testing import FrozenClock


def policies(principal: Principal, row: object) -> None:
    edit: Policy = (Owns("author_id") & Has("write_post")) | ~Has("admin_access")
    assert_type(edit.allows(principal, row), bool)
    assert_type(Rule(permission="write_post").decide(principal), Decision)
    Owns(3)  # error: arg-type
    Owns("author_id") & "write_post"  # error: operator
    Rule(permision="write_post")  # error: call-arg
    Rule(permission="write_post").permission = None  # error: misc
    whose: int = principal.account_id  # error: assignment


def fields() -> None:
    title = TextRule(field="title", max_length=100)
    assert_type(title.parse("A title"), str | None)
    rules: list[FieldRule] = [title, SSN]
    JsonBody(fields=(JsonText(title),))
    TextRule(field="title", maximum=100)  # error: call-arg
    TextRule("title", 100)  # error: call-arg, call-arg
    JsonBody(fields=(title,))  # error: arg-type
    rules.append("title")  # error: arg-type


def lists(key: str | None, way: str | None) -> None:
    sorts = SortMap(columns={"age": "pk", "text": "text"}, default="age", tie_break="pk")
    assert_type(sorts.parse(key, way), Order[str])
    assert_type(parse_page(key, size=20).offset, int)
    assert_type(parse_term(key), str | None)
    assert_type(parse_query({"q": ["x"]}, declared=("q",)), dict[str, str])
    parse_query({"q": 1}, declared=("q",))  # error: dict-item
    SortMap(columns={"age": "pk"}, default="age", tie_break="pk", default_direction=Direction.DESCENDING)
    SortMap(columns={"age": "pk"}, default="age", tie_break="pk", default_direction="desc")  # error: arg-type
    SortMap(columns={"age": "pk"}, default="age")  # error: call-arg
    parse_page(key)  # error: call-arg


def output(text: str) -> None:
    clean = sanitize(text, ARTICLE)
    assert_type(clean, SafeHtml)
    assert_type(clean + text, SafeHtml)  # escaped, and so still clean
    shown: str = render_markdown(text, ARTICLE)
    kept: SafeHtml = shown  # error: assignment
    sanitize(text)  # error: call-arg
    sanitize(text, "article")  # error: arg-type


def outcomes(services: Services, outcome: LoggedIn | FactorNeeded | Refused) -> str:
    match outcome:
        case LoggedIn(session=session) | FactorNeeded(session=session):
            return session.principal.name
        case Refused(reason=reason):
            return reason
        case _:
            assert_never(outcome)


def a_forgotten_outcome(outcome: LoggedIn | FactorNeeded | Refused) -> str:
    match outcome:
        case LoggedIn(session=session):
            return session.principal.name
        case Refused():
            return ""
        case _:
            assert_never(outcome)  # error: arg-type


def settings(services: Services) -> None:
    assert_type(services.settings.sessions, SessionSettings)
    assert_type(services.require_uploads(), Uploads)
    services.uploads.find("name", subject="note:7")  # error: union-attr
    services.settings.sessions = SessionSettings()  # error: misc
    SessionSettings(idle_timeout=30)  # error: arg-type
    Rate(name="contact", limit=5, period=60)  # error: arg-type
    Rate(name="contact", limit=5, period=timedelta(hours=1))


def secrets(secret: Secret) -> None:
    assert_type(secret.reveal(), str)
    text: str = secret  # error: assignment


class OwnMailer:
    def send(self, message: Message) -> None: ...


class OtherMailer:
    def send(self, message: Message, urgency: int) -> None: ...


class OwnClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def protocols() -> None:
    mailers: list[Mailer] = [OwnMailer()]
    mailers.append(OtherMailer())  # error: arg-type
    clocks: list[Clock] = [SystemClock(), FrozenClock(), OwnClock()]
    clocks.append(timedelta)  # error: arg-type


def members(body: JsonBody, raw: bytes) -> None:
    assert_type(body.parse(raw, content_type="application/json"), dict[str, Any])
    body.parse("{}", content_type="application/json")  # error: arg-type
