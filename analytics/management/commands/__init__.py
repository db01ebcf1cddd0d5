"""Operators' commands of analytics."""
