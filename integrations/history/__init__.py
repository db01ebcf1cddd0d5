"""The history export: contracts/chat-history-export.md."""
