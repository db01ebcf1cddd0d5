"""A partner's own page on another origin: the guide's script in a real browser, and its polling beside it."""

from typing import Any

import httpx2
import pytest

from .shop import Shop

pytestmark = pytest.mark.browser
CUSTOMER = "customer-12345"
# The guide's own script ("WebSocket Real-time Communication"); the partner supplies what it calls and puts in.
PAGE = """<!doctype html><html lang="en"><title>Shop</title><body>
<ul id="messages"></ul><p id="typing"></p><p id="status"></p>
<script>
const displayMessage = (message) => {
  const row = document.createElement('li');
  row.textContent = message.content;
  document.getElementById('messages').append(row);
};
const showTypingIndicator = (on) => { document.getElementById('typing').textContent = on ? 'typing' : ''; };
const updateConversationStatus = (it) => {
  document.getElementById('status').textContent = `${it.status} ${it.agentId}`;
};
const protocol = PROTOCOL;
const ws = new WebSocket(`${protocol}//HOST/ws?clientId=customer-12345&token=TOKEN`);

// Listen for messages
ws.onmessage = (event) => {
  const data = JSON.parse(event.data);
  if (data.type === 'message') {
    displayMessage(data.payload);
  } else if (data.type === 'typing') {
    showTypingIndicator(data.payload.isTyping);
  } else if (data.type === 'status') {
    updateConversationStatus(data.payload);
  }
};

// Send message via WebSocket
ws.onopen = () => ws.send(JSON.stringify({
  type: 'message',
  payload: {
    conversationId: NUMBER,
    content: 'Hello, I need help',
    senderId: 'customer-12345',
    isFromAgent: false
  }
}));

const closed = new Promise((done) => { ws.onclose = (event) => done(event.code); });
const poll = () => fetch('BASE/api/partner/messages/NUMBER', {headers: {Authorization: 'Bearer TOKEN'}})
  .then((answer) => answer.json());
</script></body></html>"""


@pytest.fixture(scope="module")
def partner(product: Any) -> dict[str, Any]:
    body = {"name": "Shop", "domain": "localhost"}
    made = httpx2.post(f"{product.url}/api/partner/register", json=body, timeout=20).json()
    agent = product.manage_json("create_agent", made["workspace"], "an@shop.example", "--role", "owner")
    return made | {"agent": agent, "url": product.url}


def call(partner: dict[str, Any], path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {partner['apiKey']}"}
    answer = httpx2.post(f"{partner['url']}/api/partner/{path}", json=body, headers=headers, timeout=20)
    assert answer.status_code < 300, answer.text
    return answer.json()


def show(shop: Shop, partner: dict[str, Any], token: str, number: int) -> str:
    texts = {"HOST": partner["url"].removeprefix("http://"), "TOKEN": token, "NUMBER": str(number)}
    page = PAGE.replace("PROTOCOL", "window.location.protocol === 'https:' ? 'wss:' : 'ws:'")
    for name, text in (texts | {"BASE": partner["url"]}).items():
        page = page.replace(name, text)
    return shop.show("/", page)


def test_the_guides_script_holds_a_conversation_and_polling_reads_the_same(partner, shop, new_context):
    begun = call(partner, "conversations", customerId=CUSTOMER)
    page = new_context().new_page()
    page.goto(show(shop, partner, begun["token"], begun["id"]))
    page.get_by_text("Hello, I need help").wait_for()
    name = f"agent-{partner['agent']['id']}"
    call(partner, "messages", conversationId=begun["id"], content="<b>Hi there!</b>", senderId=name, isFromAgent=True)
    page.get_by_text("<b>Hi there!</b>").wait_for()
    page.get_by_text(f"active {partner['agent']['id']}").wait_for()
    polled = page.evaluate("poll()")
    assert [message["content"] for message in polled] == page.locator("#messages li").all_inner_texts()
    assert len(polled) == 2


def test_a_secret_key_in_a_page_is_refused_with_what_to_do(partner, shop, new_context):
    begun = call(partner, "conversations", customerId=CUSTOMER)
    page = new_context().new_page()
    page.goto(show(shop, partner, partner["apiKey"], begun["id"]))
    refused = page.evaluate("poll()")
    assert (page.evaluate("closed"), refused["error"]) == (4403, "forbidden")
    assert "publishable key" in refused["message"]
