// docs/widget.md explains.
(() => {
  'use strict';
  const early = window.ChatWidget;
  if (early?.init) return;
  const source = document.currentScript?.src;
  const small = '(max-width:480px),(max-height:480px)';
  const CSS = `
button{position:fixed;bottom:calc(20px + env(safe-area-inset-bottom));right:20px;width:56px;height:56px;padding:16px;border:0;border-radius:50%;background:var(--c);color:var(--on);cursor:pointer;box-shadow:0 4px 20px #0005}
button:focus-visible{outline:3px solid var(--c);outline-offset:3px}
svg{display:block;width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}
span{position:absolute;top:-4px;right:-4px;min-width:10px;padding:0 6px;border-radius:11px;background:#b91c1c;color:#fff;font:600 13px/22px system-ui}
main{position:fixed;bottom:88px;right:20px;width:360px;height:min(520px,100dvh - 108px);border-radius:12px;overflow:hidden;box-shadow:0 4px 40px #0005;background:linear-gradient(var(--c) 50%,Canvas 50%);color-scheme:light dark}
iframe{width:100%;height:100%;border:0}
.bottom-left>*{right:auto;left:20px}
.wait,span:empty{display:none}
:not(.open)>main{opacity:0;visibility:hidden}
@media ${small}{.open>button{display:none}.open>main{inset:0;width:auto;height:100dvh;border-radius:0;padding:env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left);box-sizing:border-box}}
@media (prefers-reduced-motion:no-preference){main{transition:opacity .15s,visibility .15s}}`;
  const full = matchMedia(small);
  const calls = {};
  let options, base, words, host, root, button, path, badge, panel, frame, page, stop, opened, loaded, ready, unread = 0;

  const emit = (name, detail) => calls[name]?.forEach((call) => setTimeout(call, 0, detail));
  const tell = (more) => loaded && frame.contentWindow.postMessage({ parley: 'state', options: ''.toJSON ? options : JSON.stringify(options), page, open: opened, full: full.matches, ...more }, base);
  const paint = (color) => {
    if (!/^#[0-9a-f]{6}$/i.test(color)) return;
    const part = (at, weight) => weight * (parseInt(color.substr(at, 2), 16) / 255) ** 2.2;
    const light = part(1, .2126) + part(3, .7152) + part(5, .0722);
    root.style.setProperty('--c', color);
    root.style.setProperty('--on', light > .183 ? '#000' : '#fff');
    root.classList.remove('wait');
  };
  const show = () => {
    root.classList.toggle('open', opened);
    button.ariaExpanded = opened;
    button.ariaLabel = words[+opened] + (unread && !opened ? `, ${unread} ${words[2]}` : '');
    path.setAttribute('d', opened ? 'M6 9l6 6 6-6' : 'M4 5h16v11H10l-5 4v-4H4z');
    badge.textContent = opened || !unread ? '' : unread > 9 ? '9+' : unread;
    fit();
  };
  const fit = () => {
    const { scale, height, offsetTop } = visualViewport;
    const follow = opened && full.matches && scale === 1;
    panel.style.height = follow ? height + 'px' : '';
    panel.style.top = follow ? offsetTop + 'px' : '';
    tell();
  };
  const load = () => {
    frame.src ||= `${base}/widget/frame/?` + new URLSearchParams({ key: options.apiKey, lang: options.locale || document.documentElement.lang || navigator.language });
  };
  const look = () => {
    const { URL: url, title, referrer } = document;
    if (page?.url === url && page.title === title) return;
    page = { url, title, referrer };
    tell();
  };
  const turn = (now, quiet) => {
    if (!host || now === opened) return;
    opened = now;
    load();
    show();
    quiet || (now ? frame : button).focus();
    emit(now ? 'open' : 'close');
  };
  const hear = (event) => {
    if (event.source !== frame.contentWindow || event.origin !== base) return;
    const { parley, detail } = event.data;
    if (detail?.words) {
      ready = true;
      words = detail.words;
      root.className = detail.position;
      paint(options.theme?.primaryColor || detail.color);
      root.classList.toggle('wait', !detail.enabled);
      show();
      if (detail.autoOpen && !full.matches) turn(true, true);
    }
    if (parley === 'unread') {
      unread = detail;
      show();
    }
    if (detail?.page) import(base + '/widget/page.js').then((page) => page[parley](detail, { root, button, turn, tell, stop }), () => root.classList.remove('wait'));
    if (parley === 'turn') turn(detail, !document.hasFocus());
    else emit(parley, detail);
  };
  const draw = () => {
    const make = (tag, into, space = '1999/xhtml') => into.appendChild(document.createElementNS('http://www.w3.org/' + space, tag));
    const { signal } = stop = new AbortController();
    base = new URL(options.baseUrl || source).origin;
    words = ['Chat', 'Chat'];
    opened = loaded = false;
    host = make('parley-chat', document.documentElement);
    host.style.cssText = 'all:initial!important;display:block!important;position:fixed!important;z-index:2147483000!important';
    const shadow = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    shadow.adoptedStyleSheets = [sheet];
    root = make('div', shadow);
    root.className = 'wait';
    button = make('button', root);
    path = make('path', make('svg', button, '2000/svg'), '2000/svg');
    badge = make('span', button);
    panel = make('main', root);
    frame = make('iframe', panel);
    frame.title = 'Chat';
    frame.onload = () => {
      loaded = !!frame.src;
      tell();
    };
    button.onclick = api.toggle;
    button.onpointerenter = button.onfocus = load;
    root.onkeydown = ({ key }) => { if (key === 'Escape') turn(false); };
    paint(options.theme?.primaryColor);
    show();
    const timer = setInterval(look, 1000);
    signal.onabort = () => clearInterval(timer);
    addEventListener('message', hear, { signal });
    visualViewport.addEventListener('resize', fit, { signal });
    visualViewport.addEventListener('scroll', fit, { signal });
    document.readyState === 'complete' ? load() : addEventListener('load', load, { signal });
    look();
  };

  const api = window.ChatWidget = {
    init(given) {
      const key = String(given?.apiKey);
      if (!/^pk_/.test(key)) {
        const message = 'apiKey must be the publishable key (pk_…). A secret key (sk_…) on a page is public: revoke it.';
        console.error('ChatWidget: ' + message);
        return void setTimeout(emit, 0, 'error', { code: 'api_key', message });
      }
      if (host && options.apiKey !== key) api.destroy();
      options = { ...options, ...given };
      host ? tell() : draw();
    },
    setVisitor(who) {
      options = { ...options, customerId: undefined, identityToken: undefined, customer: undefined, ...who, apiKey: options?.apiKey };
      tell();
    },
    open: () => turn(true),
    close: () => turn(false),
    toggle: () => turn(!opened),
    destroy() {
      stop?.abort();
      host?.remove();
      host = options = page = ready = undefined;
      unread = 0;
    },
    on(name, call) {
      (calls[name] ||= []).push(call);
      if (ready && name === 'ready') call();
    },
    off(name, call) {
      calls[name] = calls[name]?.filter((other) => other !== call);
    },
    push: (...queue) => queue.forEach(([name, ...rest]) => api[name]?.(...rest)),
    get unread() { return unread; },
  };
  api.push(...(early?.q || early || []));
})();
