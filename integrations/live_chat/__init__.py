"""The live-chat contract."""
