"""The events that a webhook can subscribe to (ChatFlow contract). Ours are mapped to them in :mod:`.mapping`."""

CHAT_CREATED = "chat.created"
CHAT_ASSIGNED = "chat.assigned"
CHAT_TRANSFERRED = "chat.transferred"
CHAT_CLOSED = "chat.closed"
CHAT_RATED = "chat.rated"
MESSAGE_SENT = "message.sent"
MESSAGE_READ = "message.read"
AGENT_STATUS_CHANGED = "agent.status_changed"
VISITOR_UPDATED = "visitor.updated"

EVENTS = (
    CHAT_CREATED,
    CHAT_ASSIGNED,
    CHAT_TRANSFERRED,
    CHAT_CLOSED,
    CHAT_RATED,
    MESSAGE_SENT,
    MESSAGE_READ,
    AGENT_STATUS_CHANGED,
    VISITOR_UPDATED,
)
# Sent on request to one endpoint, whatever it subscribed to.
TEST = "webhook.test"
