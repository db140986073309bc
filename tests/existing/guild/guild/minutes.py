from flask import Blueprint, jsonify, request
from flask_security import auth_required, current_user, roles_required
from sqlalchemy import select

from guild.models import Minute, db

bp = Blueprint("minutes", __name__)


@bp.get("/")
def index():
    return "The guild"


@bp.get("/minutes")
@auth_required("session")
def read():
    found = db.session.scalars(select(Minute.text).order_by(Minute.id))
    return jsonify(reader=current_user.email, minutes=list(found))


@bp.post("/minutes")
@roles_required("clerk")
def write():
    db.session.add(Minute(text=request.form["text"]))
    db.session.commit()
    return "", 201
