// Put into every page before its own scripts: keeps what a person would not forgive.
(() => {
  const seen = { refused: [], moved: [], errors: [] };
  window.seenByTest = seen;
  const name = (node) => node instanceof Element ? `${node.localName}.${node.getAttribute('class') || ''}` : '?';
  document.addEventListener('securitypolicyviolation', (event) => {
    seen.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
  });
  window.addEventListener('error', (event) => seen.errors.push(String(event.message || event.target)), true);
  window.addEventListener('unhandledrejection', (event) => seen.errors.push(String(event.reason)));
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      if (shift.hadRecentInput) continue;
      seen.moved.push({ by: shift.value, what: shift.sources.map((source) => name(source.node)) });
    }
  }).observe({ type: 'layout-shift', buffered: true });
})();
