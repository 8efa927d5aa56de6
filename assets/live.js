// Pages that follow what happens. Comfort on top of a reload.
(() => {
  'use strict';

  const parts = () => [...document.querySelectorAll('[data-live]')];
  // On a list: how many rows stand above the first one by now. They are not put in, so that nothing moves under a hand.
  const tally = document.getElementById('list-news');
  if (!(parts().length || tally) || !window.EventSource) return;
  const rows = (page) => [...page.querySelectorAll('tr[data-row]')].map((row) => row.dataset.row);
  const first = rows(document)[0];
  const count = (fresh) => {
    const found = rows(fresh);
    const at = found.indexOf(first);
    const newer = at < 0 ? found.length : at;
    tally.hidden = newer === 0;
    tally.textContent = `${tally.dataset.text} ${newer}${at < 0 && found.length && first ? '+' : ''}`;
  };
  let busy = false;
  const follow = async () => {
    // Whoever reads a menu, types or has unfolded something is not disturbed, and a page that nobody sees waits.
    if (busy || document.hidden) return;
    busy = true;
    try {
      const answer = await fetch(window.location.href, { headers: { accept: 'text/html' } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (tally) count(fresh);
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
  // One connection for what is looked at: a browser has six for all tabs together.
  let events = null;
  const listen = () => {
    if (events || document.hidden) return;
    events = new EventSource('/live');
    events.addEventListener('news', follow);
  };
  const leave = () => { events?.close(); events = null; };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return leave();
    listen();
    follow();
  });
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', listen);
})();
