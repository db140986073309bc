"""For programs, with tokens of its own."""

import functools

from flask import Blueprint, g, jsonify, request
from sqlalchemy import select

from bazaar.extensions import csrf, db
from bazaar.models import Item, User

bp = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(bp)


def token_required(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        g.api_user = db.session.scalar(select(User).where(User.api_token == token)) if token else None
        if g.api_user is None:
            return jsonify(error="no such token"), 401
        return view(*args, **kwargs)

    return wrapped


@bp.get("/items")
@token_required
def items():
    return jsonify([{"id": item.id, "title": item.title} for item in db.session.scalars(select(Item))])


@bp.post("/items")
@token_required
def add():
    sent = request.get_json()
    item = Item(seller_id=g.api_user.id, title=sent["title"], price=sent["price"])
    db.session.add(item)
    db.session.commit()
    return jsonify(id=item.id), 201
