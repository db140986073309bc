"""Readers: hashes that other libraries made, one module a family, none computed before its cost is known."""

from bastide.core.sign_in.passwords.readers.marks import mark_of
from bastide.core.sign_in.passwords.readers.parts import Limits, ReadHash, UnreadableHash, encode
from bastide.core.sign_in.passwords.readers.registry import FORMATS, STRONG_FORMATS, HashReaders
from bastide.core.sign_in.passwords.readers.weak import WEAK_FORMATS, wrap_weak
from bastide.core.sign_in.ports import HashFault

__all__ = [
    "FORMATS",
    "STRONG_FORMATS",
    "WEAK_FORMATS",
    "HashFault",
    "HashReaders",
    "Limits",
    "ReadHash",
    "UnreadableHash",
    "encode",
    "mark_of",
    "wrap_weak",
]
