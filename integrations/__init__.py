"""Floor 4: keys, webhooks, bots, and one package per contract."""
