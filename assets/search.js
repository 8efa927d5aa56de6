// Search from everywhere, by Ctrl-K. Comfort on top of /search, which is a page.
(() => {
  'use strict';

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
})();
