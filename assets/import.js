// Shows how far an import has got; without a script one presses the link.
(() => {
  'use strict';

  const look = async () => {
    const here = document.getElementById('import-progress');
    try {
      const answer = await fetch(window.location.href, { headers: { accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const there = page.getElementById('import-progress');
      if (there?.querySelector('progress')) here.replaceWith(document.adoptNode(there));
      else window.location.reload();
    } catch {
      // The next news may come through.
    }
  };
  const events = new EventSource(`${window.location.pathname}/live`);
  events.addEventListener('moved', look);
  window.addEventListener('pagehide', () => events.close());
})();
