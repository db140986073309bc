"""The controls: plain values in, decisions and evidence out; no framework, no ORM."""
