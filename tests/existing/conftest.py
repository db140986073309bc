"""The applications that were there; their own tests run apart, as their own suites."""

collect_ignore = ["journal", "bazaar", "gazette", "depot", "guild"]
