"""Bots: programs that are members of the team."""
