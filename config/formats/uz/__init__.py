"""Uzbek."""
