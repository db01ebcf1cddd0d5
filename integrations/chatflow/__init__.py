"""The ChatFlow contract."""
