// Tells the site's developer, where developers look, why the widget does not open.
const { message } = JSON.parse(document.getElementById("refusal").textContent);
console.error(`ChatWidget: ${message}`);
