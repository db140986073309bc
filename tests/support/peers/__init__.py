"""A Django project that uses Bastide as the guide says, and the tests that its team would write with other libraries."""
