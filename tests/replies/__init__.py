"""Automated replies."""
