"""Automated replies: a language model answers visitors from the saved answers, or drafts for agents."""
