from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import IntegerField, StringField, SubmitField
from wtforms.validators import DataRequired, NumberRange, Optional

from bazaar.extensions import db
from bazaar.models import Favourite, Item

bp = Blueprint("shop", __name__)


class SearchForm(FlaskForm):
    class Meta:
        csrf = False

    q = StringField("Search", validators=[Optional()])


class ItemForm(FlaskForm):
    title = StringField("Title", validators=[DataRequired()])
    price = IntegerField("Price", validators=[NumberRange(min=1)])
    submit = SubmitField("Save")


@bp.get("/")
def index():
    search = SearchForm(request.args)
    items = select(Item).order_by(Item.id)
    if search.q.data:
        items = items.where(Item.title.contains(search.q.data, autoescape=True))
    return render_template("index.html", items=db.session.scalars(items).all(), search=search)


def edit(item):
    form = ItemForm(obj=item)
    if form.validate_on_submit():
        form.populate_obj(item)
        db.session.add(item)
        db.session.commit()
        return redirect(url_for("shop.index"))
    return render_template("form.html", form=form, title="Item")


@bp.route("/items/new", methods=["GET", "POST"])
@login_required
def new():
    return edit(Item(seller_id=current_user.id))


@bp.route("/items/<int:item_id>", methods=["GET", "POST"])
@login_required
def change(item_id):
    item = db.get_or_404(Item, item_id)
    if item.seller_id != current_user.id:
        abort(403)
    return edit(item)


@bp.post("/favourites")
@login_required
def favourite():
    item = db.get_or_404(Item, request.get_json()["item"])
    db.session.add(Favourite(user_id=current_user.id, item_id=item.id))
    db.session.commit()
    return jsonify(item=item.id), 201
