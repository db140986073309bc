"""What any Flask or Django application leaves open, said by line, reason and mend.

Findings have stable ids in one numbering, whoever reports them; the hundreds say where they are seen:

- ``BST0xx``: how Bastide itself is set up; ``manage.py check`` says it as ``bastide.E0xx``, ``bastide.W0xx``.
- ``BST1xx``: the source, read and never run.
- ``BST2xx``: the live application, loaded and never served.
- ``BST3xx``: the deployment.

``manage.py check`` says the others under their numbers too: BST203 is ``bastide.E203`` where it is of high
severity, else ``bastide.W203``. A number is given once; what is taken back leaves a gap. The table `.rules`
is what ``--explain``, the pages under ``docs/check`` and every format read.
"""
