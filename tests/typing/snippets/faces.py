"""A name has one home, and a face has no other names; what is imported late is known by its type all the same."""

from typing import assert_type

import bastide
import bastide.django
import bastide.flask
import bastide.testing

assert_type(bastide.__version__, str)
assert_type(bastide.PUBLIC, bastide.Rule)
bastide.public  # error: attr-defined
bastide.NoSuchName  # error: attr-defined

bastide.flask.public
bastide.flask.Owns  # error: attr-defined

bastide.django.public
bastide.django.ValidatedModel.save
bastide.django.Identity().username_key
bastide.django.Identity().no_such_name  # error: attr-defined
bastide.django.Owns  # error: attr-defined
bastide.django.NoSuchName  # error: attr-defined

assert_type(bastide.testing.FrozenClock().now().year, int)
bastide.testing.NoSuchName  # error: attr-defined
