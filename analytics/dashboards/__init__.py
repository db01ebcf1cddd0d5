"""The reports of the inbox: pages, exports and the weekly mail. Every figure comes from ``analytics.queries``."""
