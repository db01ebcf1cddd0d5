"""Lookups: the worker asks the address of a command what a message's value means, and fills the action card."""
