// What there is to say against the page as it stands.
const seen = window.seenByTest || { refused: [], moved: [], errors: ['the page was not watched'] };
const width = document.documentElement.clientWidth;
const scrolls = (node) => {
  for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
    if (getComputedStyle(at).overflowX !== 'visible') return true;
  }
  return false;
};
const wide = [];
if (document.documentElement.scrollWidth > width) {
  for (const node of document.body.querySelectorAll('*')) {
    const { right } = node.getBoundingClientRect();
    if (right > width + 0.5 && !scrolls(node)) wide.push(`${node.localName}.${node.getAttribute('class') || ''} ends at ${Math.round(right)}`);
  }
  wide.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
}
return {
  status: performance.getEntriesByType('navigation')[0].responseStatus,
  refused: seen.refused,
  errors: seen.errors,
  moved: seen.moved,
  wide: wide.slice(-6),
};
