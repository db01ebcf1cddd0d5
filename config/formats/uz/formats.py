"""Uzbek dates in figures: Django writes "22-Noyabr, 2026-yil"."""

DATE_FORMAT = "d.m.Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "d.m.Y H:i"
