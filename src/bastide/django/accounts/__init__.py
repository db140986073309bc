"""The Django app that keeps what Bastide remembers: sessions, attempts, tickets, the log, identities."""
