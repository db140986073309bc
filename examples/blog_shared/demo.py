"""What a fresh blog may be filled with: authors, posts and comments as plain data.

Nobody here has a password or an address; a seeding command decides who may sign in.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

SITE_NAME: Final = "Under the Arcades"
SITE_TAGLINE: Final = "Letters on towns, bread, gardens, small software and slow trains"
POSTS_FOLDER: Final = Path(__file__).parent / "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAuthor:
    """Somebody who writes; ``username`` is also the key that posts and comments refer to."""

    username: str
    full_name: str
    bio: str
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPost:
    """A post in Markdown, dated ``days_ago`` days before the seeding."""

    slug: str
    title: str
    author: str
    tags: tuple[str, ...]
    days_ago: int
    views: int
    is_draft: bool
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoComment:
    """A comment, ``hours_after`` hours after its post."""

    post: str
    author: str
    hours_after: int
    text: str
    state: Literal["approved", "pending"] = "approved"


AUTHORS: Final = (
    DemoAuthor(
        username="maud",
        full_name="Maud Lacoste",
        bio="Town planner by training, walker by habit. I measure squares with a rope and my own two feet.",
        website="https://maud.example.org",
    ),
    DemoAuthor(
        username="tomas",
        full_name="Tomás Berg",
        bio="Left an office for an oven eleven years ago and has not looked at the clock in the same way since.",
        website="https://bergbakery.example.com",
    ),
    DemoAuthor(
        username="ines",
        full_name="Inês Okafor",
        bio="Gardens on a slope, on a roof and in other people's yards. Believes in mulch, and in leaving things be.",
    ),
    DemoAuthor(
        username="siobhan",
        full_name="Siobhán O'Brien",
        bio="Writes small programs for libraries, choirs and other places where nobody is called a user.",
        website="https://drawer.example.net",
    ),
    DemoAuthor(
        username="juhani",
        full_name="Juhani 李",
        bio="Translator who does most of his work on trains, between the stations rather than at them.",
    ),
)


def load_posts() -> tuple[DemoPost, ...]:
    """Return the posts of the folder ``demo``, newest first."""
    posts = (parse_post(path.stem, path.read_text("utf-8")) for path in POSTS_FOLDER.glob("*.md"))
    return tuple(sorted(posts, key=lambda post: (post.days_ago, post.slug)))


def parse_post(slug: str, source: str) -> DemoPost:
    """Return the post that ``source`` describes: lines of ``key: value``, an empty line, the text."""
    head, _, content = source.partition("\n\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    return DemoPost(
        slug=slug,
        title=facts["title"],
        author=facts["author"],
        tags=tuple(facts["tags"].split(", ")),
        days_ago=int(facts["days_ago"]),
        views=int(facts.get("views", "0")),
        is_draft=facts.get("state") == "draft",
        content=content.strip(),
    )


COMMENTS: Final = (
    DemoComment(
        post="the-square-comes-first",
        author="juhani",
        hours_after=3,
        text="Our station square was built like that, by accident: they ran out of money before the second hotel. "
        "It is the only place in town where I have ever met anyone without arranging it.",
    ),
    DemoComment(
        post="the-square-comes-first",
        author="ines",
        hours_after=5,
        text="An empty bed in the middle of the garden does the same. Everything grows towards it.",
    ),
    DemoComment(
        post="the-square-comes-first",
        author="maud",
        hours_after=9,
        text="Inês, I am going to steal that for a lecture. With a footnote.",
    ),
    DemoComment(
        post="the-square-comes-first",
        author="siobhan",
        hours_after=26,
        text="How did they keep it empty, though? There must have been somebody every year with a very good "
        "reason to put up just one small shed.",
        state="pending",
    ),
    DemoComment(
        post="a-bench-is-a-decision",
        author="tomas",
        hours_after=2,
        text="As the bakery in question: we have sold more coffee since, and nobody has slept on it but me.",
    ),
    DemoComment(
        post="a-bench-is-a-decision",
        author="siobhan",
        hours_after=7,
        text="*Nobody can argue in the abstract about shade while sitting in the sun.* "
        "I have pinned this over my desk, next to the one about forms.",
    ),
    DemoComment(
        post="what-a-corner-shop-knows",
        author="ines",
        hours_after=12,
        text="Ours has a box of seed packets that you may take from if you put some in. It has never run out.",
    ),
    DemoComment(
        post="what-a-corner-shop-knows",
        author="juhani",
        hours_after=30,
        text="Three of the nineteen keys will have been for people who had moved away and could not bear to ask "
        "for them back. I speak from experience.",
    ),
    DemoComment(
        post="bread-for-people-with-jobs",
        author="siobhan",
        hours_after=1,
        text="Made it on Monday, between two calls. It rose. I may have told everybody in both.",
    ),
    DemoComment(
        post="bread-for-people-with-jobs",
        author="maud",
        hours_after=20,
        text="Can it stay in the refrigerator for two days? Asking for a person with a job *and* a council meeting.",
    ),
    DemoComment(
        post="bread-for-people-with-jobs",
        author="tomas",
        hours_after=22,
        text="Two is fine, three is sour, four is an experiment. Good luck with the council.",
    ),
    DemoComment(
        post="bread-for-people-with-jobs",
        author="juhani",
        hours_after=49,
        text="I have no iron pot. Would the lid of a casserole over a baking tray do?",
        state="pending",
    ),
    DemoComment(
        post="notes-on-a-flat-loaf",
        author="ines",
        hours_after=4,
        text="It works for plants too. Before you ask what you did wrong, look at the pot.",
    ),
    DemoComment(
        post="one-starter-eleven-kitchens",
        author="siobhan",
        hours_after=6,
        text="I was the one in February with the grey hat. It is called Gandalf now and lives on the window sill.",
    ),
    DemoComment(
        post="a-garden-that-forgives-august",
        author="maud",
        hours_after=8,
        text="I took your basket idea to our stairs. I came home to no beans, two jars of jam and a marrow that "
        "somebody had given a face.",
    ),
    DemoComment(
        post="a-garden-that-forgives-august",
        author="tomas",
        hours_after=15,
        text="What about basil? It faints as soon as I look away.",
    ),
    DemoComment(
        post="a-garden-that-forgives-august",
        author="ines",
        hours_after=16,
        text="Basil is a cut flower that happens to have roots. Buy it, love it for ten days, and let it go.",
    ),
    DemoComment(
        post="the-case-for-ugly-compost",
        author="juhani",
        hours_after=10,
        text="Turned ours last night after a long letter from the tax office. It has never been so well aired.",
    ),
    DemoComment(
        post="beans-on-the-fire-escape",
        author="tomas",
        hours_after=11,
        text="Please, the recipe with the pears.",
    ),
    DemoComment(
        post="beans-on-the-fire-escape",
        author="ines",
        hours_after=14,
        text="Beans, firm pears, bacon, summer savory, one pot, forty minutes. They say it must be a *firm* pear, "
        "and they say it twice.",
    ),
    DemoComment(
        post="programs-the-size-of-a-drawer",
        author="juhani",
        hours_after=5,
        text="My only program counts the pages I have left and divides by the days. It has made me cry, "
        "but it has never been wrong.",
    ),
    DemoComment(
        post="programs-the-size-of-a-drawer",
        author="tomas",
        hours_after=33,
        text="I run the bakery on a table with eleven columns. Does that count as a program or as a drawer?",
        state="pending",
    ),
    DemoComment(
        post="the-form-nobody-could-finish",
        author="maud",
        hours_after=3,
        text="*The Count of Monte Cristo.* I have been laughing since the tram.",
    ),
    DemoComment(
        post="the-form-nobody-could-finish",
        author="juhani",
        hours_after=18,
        text="As a person with a surname of one character: thank you.",
    ),
    DemoComment(
        post="we-restored-the-backup-on-a-tuesday",
        author="ines",
        hours_after=9,
        text="We do this with the seed bank. Every year ten packets get sown, just to see. In one of them was rice.",
    ),
    DemoComment(
        post="the-slow-train-has-a-window-that-opens",
        author="maud",
        hours_after=6,
        text="Nineteen stops are nineteen squares. I am coming along.",
    ),
    DemoComment(
        post="night-train-upper-berth",
        author="siobhan",
        hours_after=40,
        text="The man who taps the wheels! I thought that I had dreamt him.",
    ),
)
