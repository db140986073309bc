"""Write docs/check: a page for each id, from the table that ``bastide check --explain`` reads."""

from pathlib import Path

from bastide.check.rules import RULES, Rule

PAGES = Path(__file__).resolve().parent.parent / "docs/check"
SEEN_IN = {
    "0": "How Bastide is set up",
    "1": "The source",
    "2": "The live application",
    "3": "The deployment",
}

NUMBERING = """Ids are stable, and one numbering holds for `bastide check`, `flask bastide check` and
`manage.py check`, where BST203 is `bastide.E203` or `bastide.W203`. A number that is taken back is not given
again. [How to use it](../howto/check.md)"""


def page_of(rule: Rule) -> str:
    """Return the page of one id."""
    weighs = f"Severity {rule.severity} · confidence {rule.confidence}"
    belongs = f"ASVS {rule.asvs} · chapter {rule.chapter}"
    parts = [
        f"# {rule.id}: {rule.title}",
        f"{weighs} · {belongs} · {SEEN_IN[rule.id[3]].lower()}",
        f"**What an attacker does.** {rule.attack}",
        f"**Mend.** {rule.mends.without}",
        f"**Mend with Bastide.** {rule.mends.bastide}",
    ]
    kind = {"html": "html", "py": "python", "toml": "toml"}.get(rule.file.rpartition(".")[2], "text")
    for name, code in (("Reported", rule.wrong), ("Not reported", rule.right)):
        if code:
            parts.append(f"{name} (`{rule.file}`):\n\n```{kind}\n{code}\n```")
    parts.append(f"`# bastide: allow {rule.id} because ...` on the line lets one stand. [All ids](README.md)")
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """Return the list of all pages."""
    parts = ["# What `bastide check` looks for", NUMBERING]
    for family, title in SEEN_IN.items():
        rows = [
            f"| [{rule.id}]({rule.id}.md) | {rule.title} | {rule.severity} | {rule.asvs} | {rule.chapter} |"
            for rule in RULES.values()
            if rule.id[3] == family
        ]
        parts.append(
            "\n".join(
                [f"## {title}\n", "| id | what | severity | ASVS | chapter |", "|---|---|---|---|---|", *rows]
            )
        )
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """Return every page by its file's name."""
    return {"README.md": index()} | {f"{rule.id}.md": page_of(rule) for rule in RULES.values()}


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for old in set(PAGES.glob("*.md")):
        old.unlink()
    for name, text in pages().items():
        (PAGES / name).write_text(text, encoding="utf-8")
