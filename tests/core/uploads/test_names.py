"""File names are harmless text, never paths; the header that offers a file reads back as one."""

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.uploads import clean_name, content_disposition
from bastide.core.uploads.names import MAX_NAME_SIZE_BYTES, extension_of, is_storage_name, new_storage_name
from bastide.testing import SeededEntropy
from support.rows import rows

RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}


@pytest.mark.asvs("V5.3.2", "V5.4.1")
@rows(
    ("raw", "clean"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("/absolute/name.txt", "name.txt"),
        ("C:\\name.txt", "name.txt"),
        ("name.txt\x00.png", "name.txt.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("日本.png", "日本.png"),
        ("re\u0301sume\u0301.txt", "r\xe9sum\xe9.txt"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("lpt1.tar.png", "_lpt1.tar.png"),
        ("console.txt", "console.txt"),
        ('a"b<c>|?*:.txt', "a_b_c_____.txt"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"),
        (" . ", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("trailing.txt. . ", "trailing.txt"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        ("é" * 300 + ".png", "é" * 98 + ".png"),
        ("a." + "x" * 300, ("a." + "x" * 300)[:200]),
    ],
)
def test_names_become_harmless_text(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


@pytest.mark.asvs("V5.3.2")
@given(st.text() | st.from_regex(r"[a-z./\\ \u202e:]{0,40}"))
def test_whatever_comes_is_clean_once_cleaned(raw: str) -> None:
    name = clean_name(raw)
    assert name
    assert clean_name(name) == name
    assert len(name.encode()) <= MAX_NAME_SIZE_BYTES
    assert not set('/\\<>:"|?*') & set(name)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} for char in name)
    assert name == name.strip(" .")
    assert name.split(".")[0].lower() not in RESERVED


def test_the_extension_is_what_follows_the_last_dot() -> None:
    assert [extension_of(name) for name in ("a.PNG", "a.png.exe", "png", "")] == ["png", "exe", "", ""]


@pytest.mark.asvs("V5.3.2")
def test_stored_names_are_random_bits_and_nothing_else() -> None:
    entropy = SeededEntropy()
    names = {new_storage_name(entropy) for _ in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch("[0-9a-f]{40}", name) and is_storage_name(name) for name in names)
    for other in ("", "0" * 39, "0" * 41, "A" * 40, "0" * 39 + "\x00", "0" * 40 + "\n", "../" + "0" * 37):
        assert not is_storage_name(other)


@pytest.mark.asvs("V5.4.2")
@rows(
    ("name", "value"),
    [
        ("plain name.pdf", 'attachment; filename="plain name.pdf"'),
        ("a;b.txt", 'attachment; filename="a;b.txt"'),
        ('q"uo\\te.txt', "attachment; filename=\"q_uo_te.txt\"; filename*=UTF-8''q%22uo%5Cte.txt"),
        ("100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
        ("日本.png", "attachment; filename=\"__.png\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.png"),
        ("a\r\nb.txt", "attachment; filename=\"a__b.txt\"; filename*=UTF-8''a%0D%0Ab.txt"),
    ],
)
def test_names_are_sent_so_that_every_reader_gets_them(name: str, value: str) -> None:
    assert content_disposition(name, inline=False) == value
    assert content_disposition(name, inline=True) == value.replace("attachment", "inline", 1)


@pytest.mark.asvs("V5.4.2")
@given(st.text().filter(lambda text: not any(unicodedata.category(char) == "Cs" for char in text)))
def test_every_name_reads_back_intact_and_breaks_no_header(name: str) -> None:
    value = content_disposition(name, inline=False)
    assert value.isascii()
    assert value.isprintable()
    found = re.fullmatch(r"attachment; filename=\"([^\"\\%]*)\"(?:; filename\*=UTF-8''([^ ;\"]*))?", value)
    assert found is not None
    assert (found[1] if found[2] is None else unquote(found[2], errors="strict")) == name
