"""The verbs: the only code that changes a chat. One module a verb or a family of them.

Locks are taken in this order, so that nothing deadlocks: visitor, ticket counter, the workspace's routing lock, chat.
"""
