"""Django's backend of PostgreSQL, with one thing more: it says when nobody knows whether something is committed."""
