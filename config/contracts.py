"""The REST contracts that this product speaks: each has a page and an OpenAPI file below /docs/."""

from integrations.chatbots.operations import CONTRACT as CHATBOTS
from integrations.chatflow.operations import CONTRACT as CHATFLOW
from integrations.history.operations import CONTRACT as HISTORY
from integrations.live_chat.operations import CONTRACT as LIVE_CHAT
from integrations.partner.operations import CONTRACT as PARTNER

# The longest prefix first.
CONTRACTS = (LIVE_CHAT, HISTORY, CHATFLOW, CHATBOTS, PARTNER)
BY_NAME = {contract.name: contract for contract in CONTRACTS}
