"""How dates look where Django's own format of a language is too long for a table. Django looks here first."""
