// Search from everywhere, and pages that follow what happens. Both are comfort: /search is a page, and so is a reload.
(() => {
  'use strict';

  // ---- search ----
  const dialog = document.getElementById('search');
  const opener = document.querySelector('[data-search]');
  if (dialog && opener) {
    const input = dialog.querySelector('input');
    const finds = dialog.querySelector('.search__finds');
    let asked = 0;
    let timer = 0;
    const ask = async () => {
      const turn = ++asked;
      const answer = await fetch(`/search?part=1&q=${encodeURIComponent(input.value)}`, { headers: { accept: 'text/html' } });
      if (!answer.ok || turn !== asked) return;
      const text = await answer.text();
      if (turn !== asked) return;
      finds.replaceChildren(...new DOMParser().parseFromString(text, 'text/html').body.childNodes);
    };
    const open = () => { dialog.showModal(); input.select(); ask(); };
    opener.addEventListener('click', (event) => { event.preventDefault(); open(); });
    input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener('keydown', (event) => {
      const links = [...finds.querySelectorAll('a')];
      const at = links.indexOf(document.activeElement);
      if (event.key === 'ArrowDown') { event.preventDefault(); links[Math.min(at + 1, links.length - 1)]?.focus(); }
      if (event.key === 'ArrowUp') { event.preventDefault(); if (at > 0) links[at - 1].focus(); else input.focus(); }
      if (event.key === 'Enter' && document.activeElement === input && links.length) { event.preventDefault(); links[0].click(); }
    });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); open(); }
    });
  }

  // ---- live parts ----
  const parts = () => [...document.querySelectorAll('[data-live]')];
  if (!parts().length || !window.EventSource) return;
  let busy = false;
  const follow = async () => {
    // Whoever reads a menu, types or has unfolded something is not disturbed, and a page that nobody sees waits.
    if (busy || document.hidden) return;
    busy = true;
    try {
      const answer = await fetch(window.location.href, { headers: { accept: 'text/html' } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const part of parts()) {
        const next = fresh.getElementById(part.id);
        if (!next || part.contains(document.activeElement) || part.querySelector('details[open]')) continue;
        if (part.dataset.chart !== undefined) {
          if (part.dataset.chart !== next.dataset.chart) { part.dataset.chart = next.dataset.chart; part.dispatchEvent(new Event('redraw')); }
        } else if (part.innerHTML !== next.innerHTML) {
          part.replaceChildren(...next.childNodes);
        }
      }
    } catch {
      // The server is away: the stream connects again by itself, and so does the next news.
    } finally {
      busy = false;
    }
  };
  const events = new EventSource('/live');
  events.addEventListener('news', follow);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) follow(); });
  window.addEventListener('pagehide', () => events.close());
})();
