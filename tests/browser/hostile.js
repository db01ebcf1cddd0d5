// What hostile text has become in this document, its shadow roots included; and whatever of it the document shows.
(element) => {
  const found = [], shown = [];
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.localName === element) found.push(`an element of somebody's text: ${node.outerHTML.slice(0, 200)}`);
      for (const { name, value } of node.attributes) {
        const runs = /^(on|x-|hx-|@|:|v-)/.test(name);
        if (runs && value.includes("hostile")) found.push(`${node.localName} ${name}=${value.slice(0, 200)}`);
        const leads = /^(href|src|action|formaction|data|xlink:href)$/.test(name);
        if (leads && /^\s*javascript:/i.test(value)) found.push(`${node.localName} ${name}=${value.slice(0, 200)}`);
      }
      if (typeof node.value === "string") shown.push(node.value);
      if (node.shadowRoot) {
        look(node.shadowRoot);
        shown.push(node.shadowRoot.innerHTML);
      }
    }
  };
  look(document);
  shown.push(document.documentElement.outerHTML);
  const numbers = [...shown.join("\n").matchAll(/id=p(\d+)-/g)].map((match) => Number(match[1]));
  return { found: [...found, ...(window.refused || [])], shown: [...new Set(numbers)] };
}
