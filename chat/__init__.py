"""Floor 2: visitors, chats, messages; routing, realtime, the inbox."""
