"""What is looked for in Python files: a module for each family of sinks, which registers itself."""

from bastide.check.source.sinks import (  # noqa: F401 -- importing them registers them
    code,
    comparisons,
    cookies,
    files,
    hashes,
    markup,
    models,
    passwords,
    randomness,
    redirects,
    requests,
    secrets,
    settings,
    sql,
    tls,
    validators,
)
