"""The live application: loaded in a process of its own, looked at, and never served.

It asks no database, sends nothing and writes nothing meanwhile: see `.guarding`.
"""
