"""Who a bearer token is, and what it may be used for: shared by every contract."""
