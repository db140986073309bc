"""What any Flask or Django application leaves open, said by line, reason and mend.

Findings have stable ids in one numbering, whoever reports them; the hundreds say where they are seen:

- ``BST0xx``: how Bastide itself is set up; ``manage.py check`` says BST003 as ``bastide.E003``, and where it
  only warns, BST053 as ``bastide.W003``.
- ``BST1xx``: the source, read and never run.
- ``BST2xx``: the live application, loaded and never served.
- ``BST3xx``: the deployment.

``manage.py check --deploy`` says those of the live application under their numbers too, with
``bastide.check`` among ``INSTALLED_APPS``: BST203 is ``bastide.E203`` where it is of high severity, else
``bastide.W203``. A number is given once; what is taken back leaves a gap. The table `.rules` is what
``--explain``, the pages under ``docs/check`` and every format read.
"""
