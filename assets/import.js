// Looks again how far an import has got; without a script one presses the link.
(() => {
  'use strict';
  const pause = 1500;
  const look = async () => {
    const here = document.getElementById('import-progress');
    if (!here) return;
    try {
      const answer = await fetch(window.location.href, { headers: { accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const there = page.getElementById('import-progress');
      if (!there?.querySelector('progress')) {
        window.location.reload();
        return;
      }
      here.replaceWith(document.adoptNode(there));
    } catch {
      // The next look may succeed.
    }
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
})();
