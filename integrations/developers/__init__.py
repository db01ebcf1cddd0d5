"""The developer page of the inbox: keys, the website, webhooks, and what was done to them. For owners and admins."""
