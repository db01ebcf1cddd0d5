"""Chatbots: contracts/chatbot-sync.md, over the broker and over signed HTTP."""
