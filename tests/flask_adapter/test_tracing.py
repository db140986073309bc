"""OpenTelemetry's SQLAlchemy instrumentation with SQL comments, taken up before and after the tripwire."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from opentelemetry import context as otel_context
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    NoOpTracerProvider,
    Span,
    SpanContext,
    TraceFlags,
)
from sqlalchemy import Engine, NullPool, create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.flask import AccountMixin, Bastide, public
from bastide.testing import Tripped
from support.blog import BASE, Outbox

TRACE = secrets.randbits(128) | 1 << 127


class Recorded(NonRecordingSpan):
    def is_recording(self) -> bool:
        return True


class Tracer(NoOpTracer):
    """Goes on with the trace of the request, as behind a proxy that began it."""

    def start_span(self, *_: Any, **__: Any) -> Span:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return Recorded(SpanContext(TRACE, secrets.randbits(64) | 1, is_remote=False, trace_flags=flags))


class Provider(NoOpTracerProvider):
    def get_tracer(self, *_: Any, **__: Any) -> Tracer:
        return Tracer()


@pytest.fixture(params=["before", "after"])
def traced(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Flask, list[str]]]:
    """An application whose engine was instrumented before or after Bastide, and what the driver gets."""
    engine = create_engine(f"sqlite:///{tmp_path / 'people.sqlite3'}", poolclass=NullPool)
    if request.param == "before":
        instrument(engine)

    class Base(DeclarativeBase):
        pass

    class User(AccountMixin, Base):
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)

    app = Flask("traced")
    app.config.update(
        SECRET_KEY="k" * 64,
        BASTIDE={"transport": {"allowed_hosts": {"localhost"}, "plain_http_hosts": {"localhost"}}},
    )
    bastide = Bastide(users=User, engine=engine, mailer=Outbox(), roles={"reader": {"read"}})
    bastide.init_app(app)
    if request.param == "after":
        instrument(engine)
    Base.metadata.create_all(engine)
    add_views(app, engine)
    seen: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        seen.append(sql)

    yield app, seen
    SQLAlchemyInstrumentor().uninstrument()
    bastide.services.stores.sessions._database.dispose()  # type: ignore[attr-defined]  # noqa: SLF001
    engine.dispose()


def instrument(engine: Engine) -> None:
    # It says that it knows nothing of SQLAlchemy 2.1, and works.
    SQLAlchemyInstrumentor().instrument(
        engine=engine, enable_commenter=True, tracer_provider=Provider(), skip_dep_check=True
    )


def add_views(app: Flask, engine: Engine) -> None:
    def run(sql: str) -> str:
        # As the instrumentation of Flask does.
        tags = {"framework": "flask:3", "controller": request.endpoint, "route": str(request.url_rule)}
        token = otel_context.attach(otel_context.set_value("SQLCOMMENTER_ORM_TAGS_AND_VALUES", tags))
        try:
            with engine.connect() as connection:
                return str(connection.scalar(text(sql)))
        finally:
            otel_context.detach(token)

    @app.get("/people/count_them_all_today")
    @public
    def count_them_all_today() -> str:
        return run("SELECT count(*) FROM person")

    @app.get("/people/leak")
    @public
    def leak() -> str:
        return run(f"SELECT count(*) FROM person WHERE id = {request.args['v']}")


def test_comments_trip_nothing_and_hide_nothing(traced: tuple[Flask, list[str]], tripwires: Tripped) -> None:
    app, seen = traced
    trace = f"{TRACE:032x}"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "X-B3-TraceId": trace}
    for _ in range(2):
        answer = app.test_client().get("/people/count_them_all_today", base_url=BASE, headers=headers)
        assert (answer.status_code, answer.text) == (200, "0")
        assert re.search(
            rf"route='/people/count_them_all_today',traceparent='00-{trace}-.{{16}}-01'\*/\Z", seen[-1]
        )
    before = len(seen)
    with tripwires.expected():
        for value in (
            "1 OR 1=1",
            f"1 OR 1=1 /*traceparent='00-{trace}-00f067aa0ba902b7-01'*/",
            f"0 /*route='{trace}'*/",
        ):
            answer = app.test_client().get(
                "/people/leak", query_string={"v": value}, base_url=BASE, headers=headers
            )
            assert answer.status_code == 400
    assert len(seen) == before
