"""A contract's page in a real browser: nothing comes from outside, no policy is broken, and a call can be tried."""

import pytest

pytestmark = pytest.mark.slow
NARROW = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def secret_key(product):
    return product.manage_json("create_workspace", "Docs")["secretKey"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_operation_is_read_and_tried_with_ones_own_key(product, secret_key, new_context, scheme):
    page = new_context(color_scheme=scheme, viewport=NARROW).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{product.url}/docs/")
    page.get_by_role("link", name="Live chat", exact=True).click()
    page.get_by_role("button", name="Authorize").click()
    page.locator("input[aria-label=auth-bearer-value]").first.fill(secret_key)
    page.get_by_role("button", name="Apply credentials").first.click()
    page.locator(".close-modal").click()
    online = page.locator("#operations-Agents-readAgentsOnline")
    online.locator("button.opblock-summary-control").click()
    online.get_by_role("button", name="Try it out").click()
    online.get_by_role("button", name="Execute").click()
    online.locator(".live-responses-table").get_by_text("200", exact=True).first.wait_for()
    assert all(url.startswith((product.url, "data:", "blob:")) for url in asked), asked
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    dark = page.evaluate("document.documentElement.classList.contains('dark-mode')")
    assert dark is (scheme == "dark")
    assert page.evaluate("Object.keys(localStorage)") == []
