// Comfort on top of pages that work without it: copy buttons, the keyboard, a question before what cannot be undone.
(() => {
  'use strict';

  for (const button of document.querySelectorAll('[data-copy]')) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const label = button.querySelector('[data-copy-label]') || button;
    const before = label.textContent;
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copy);
      if (!source) return;
      try {
        await navigator.clipboard.writeText('value' in source ? source.value : source.textContent);
        label.textContent = button.dataset.copied;
      } catch {
        label.textContent = button.dataset.notCopied;
      }
      setTimeout(() => { label.textContent = before; }, 1600);
    });
  }

  for (const form of document.querySelectorAll('form[data-confirm]')) {
    form.addEventListener('submit', (event) => {
      if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    });
  }

  // A second click on a button does not send its form again.
  const sent = new WeakMap();
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post') return;
    if (event.timeStamp - (sent.get(form) ?? -Infinity) < 3000) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });

  // A menu closes when one clicks elsewhere or presses Escape.
  const menus = () => document.querySelectorAll('details.menu[open]');
  document.addEventListener('click', (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });

  const rows = () => [...document.querySelectorAll('table.data tbody tr')].filter((row) => row.querySelector('a[href]'));
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains('is-current'));
    const next = all[Math.min(Math.max(at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step, 0), all.length - 1)];
    for (const row of all) row.classList.toggle('is-current', row === next);
    next.scrollIntoView({ block: 'nearest' });
  };
  const current = () => document.querySelector('tr.is-current');
  const open = () => {
    const row = current();
    if (row?.dataset.href) window.location.assign(row.dataset.href);
    else row?.querySelector('a[href]')?.click();
  };

  // A click anywhere in a row opens it, but not on what is there to be used.
  for (const row of document.querySelectorAll('tr[data-href]')) {
    row.addEventListener('click', (event) => {
      if (event.target.closest('a, button, input, select, summary, pre, label')) return;
      if (window.getSelection()?.toString()) return;
      window.location.assign(row.dataset.href);
    });
  }

  let leader = 0;
  const places = Object.fromEntries([...document.querySelectorAll('[data-key]')].map((link) => [link.dataset.key, link.getAttribute('href')]));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (event.key === 'Escape') {
      for (const menu of menus()) { menu.open = false; menu.querySelector('summary').focus(); }
      return;
    }
    if (target.closest('input, select, textarea, [contenteditable], dialog')) return;
    if (!document.querySelector('.frame')) return;
    if (event.timeStamp - leader < 1200 && places[event.key]) {
      leader = 0;
      event.preventDefault();
      window.location.assign(places[event.key]);
      return;
    }
    leader = 0;
    const search = document.querySelector('input[type=search]');
    switch (event.key) {
      case 'g': leader = event.timeStamp; return;
      case '/': if (search) { event.preventDefault(); search.focus(); search.select(); } return;
      case 'j': move(1); return;
      case 'k': move(-1); return;
      case 'r': current()?.querySelector('[data-row-key=r]')?.click(); return;
      case '?': document.getElementById('keys')?.showModal(); return;
      case 'Enter': if (!target.closest('a, button, summary')) open(); return;
      default:
    }
  });
})();
