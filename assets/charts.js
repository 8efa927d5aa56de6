// Draws the charts of a page. What they show stands in a table beside each, which is there without this script.
(() => {
  'use strict';

  const NAMES = ['--accent', '--ok', '--warn', '--plum', '--info', '--bad'];
  // Below the chart: what the lines are, and their values where the pointer is.
  const LEGEND = 28;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

  const draw = (place) => {
    const { labels, lines } = JSON.parse(place.dataset.chart);
    const axis = { stroke: css('--muted'), grid: { stroke: css('--line'), width: 1 }, ticks: { show: false }, font: `12px ${css('--font')}` };
    const options = {
      width: place.clientWidth,
      height: place.clientHeight - LEGEND,
      legend: { live: true },
      cursor: { y: false, points: { size: 6 } },
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] } },
      axes: [
        { ...axis, grid: { show: false }, size: 28, space: 64, values: (_, at) => at.map((index) => labels[index] ?? '') },
        { ...axis, size: 56, values: (_, at) => at.map((value) => number.format(value)) },
      ],
      series: [
        { label: ' ', value: (_, index) => labels[index] ?? '' },
        ...lines.map((line, index) => ({
          label: line.label,
          stroke: css(NAMES[index % NAMES.length]),
          width: 2,
          points: { show: labels.length < 40, size: 5 },
          value: (_, value) => (value == null ? '' : number.format(value)),
        })),
      ],
    };
    place.replaceChildren();
    return new uPlot(options, [labels.map((_, index) => index), ...lines.map((line) => line.values)], place);
  };

  for (const place of document.querySelectorAll('[data-chart]')) {
    let chart = draw(place);
    new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: place.clientHeight - LEGEND })).observe(place);
    const again = () => { chart.destroy(); chart = draw(place); };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
    place.addEventListener('redraw', again);
  }
})();
