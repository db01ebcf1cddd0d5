"""Webhooks: subscriptions, the outbox that owes them events, and the relay that sends."""
