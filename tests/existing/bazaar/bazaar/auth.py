from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import EmailField, PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired, EqualTo, ValidationError

from bazaar.extensions import db
from bazaar.hashes import check_hash, make_hash
from bazaar.models import User

bp = Blueprint("auth", __name__)


class LoginForm(FlaskForm):
    email = EmailField("Email", validators=[DataRequired()])
    password = PasswordField("Password", validators=[DataRequired()])
    submit = SubmitField("Sign in")


class RegisterForm(FlaskForm):
    email = EmailField("Email", validators=[DataRequired()])
    name = StringField("Name", validators=[DataRequired()])
    password = PasswordField("Password", validators=[DataRequired()])
    again = PasswordField("Again", validators=[EqualTo("password")])
    submit = SubmitField("Register")

    def validate_email(self, field):
        if find(field.data) is not None:
            raise ValidationError("This address is registered already.")


def find(email):
    return db.session.scalar(select(User).where(User.email == email))


@bp.route("/login", methods=["GET", "POST"])
def login():
    if current_user.is_authenticated:
        return redirect(url_for("shop.index"))
    form = LoginForm()
    if form.validate_on_submit():
        user = find(form.email.data)
        if user is not None and check_hash(user.password, form.password.data):
            login_user(user)
            return redirect(url_for("shop.index"))
        flash("Wrong address or password.")
    return render_template("form.html", form=form, title="Sign in")


@bp.route("/register", methods=["GET", "POST"])
def register():
    form = RegisterForm()
    if form.validate_on_submit():
        password = make_hash(form.password.data)
        db.session.add(User(email=form.email.data, name=form.name.data, password=password))
        db.session.commit()
        return redirect(url_for("auth.login"))
    return render_template("form.html", form=form, title="Register")


@bp.post("/logout")
@login_required
def logout():
    logout_user()
    return redirect(url_for("shop.index"))
