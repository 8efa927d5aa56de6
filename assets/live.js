// Pages that follow what happens. Comfort on top of a reload.
(() => {
  'use strict';

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
