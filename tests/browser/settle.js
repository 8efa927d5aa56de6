// Done when the page stands: everything is loaded and two frames have been drawn.
const done = arguments[arguments.length - 1];
const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
const loaded = () => document.fonts.ready.then(drawn);
if (document.readyState === 'complete') loaded();
else window.addEventListener('load', loaded, { once: true });
