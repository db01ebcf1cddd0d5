"""The history of ended chats as files that people take away: asked for in the inbox, written by a worker."""
