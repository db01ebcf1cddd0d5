"""The weekly summary by e-mail: who gets it, when, once and only once, and how they stop it."""

from .sending import send_due

__all__ = ["send_due"]
