// The trend of survey scores. The same numbers stand in a table beside it, for those
// who read without script or eyes.

import uPlot from "uplot";

function points(table) {
  const rows = [...table.querySelectorAll("tbody tr")];
  return [
    rows.map((row) => Date.parse(row.dataset.on) / 1000),
    rows.map((row) => Number(row.dataset.mean)),
  ];
}

function options(box, style) {
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: style.color, font, grid: { stroke: style.outlineColor, width: 1 }, ticks: { show: false } };
  return {
    width: box.clientWidth,
    height: 200,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "UTC"),
    cursor: { y: false },
    legend: { show: false },
    scales: { y: { range: [Number(box.dataset.low), Number(box.dataset.high)] } },
    axes: [
      { ...axis, size: 30, gap: 8, values: (_, at) => at.map((one) => new Date(one * 1000).toISOString().slice(5, 10)) },
      { ...axis, size: 32 },
    ],
    series: [{}, {
      stroke: style.borderTopColor,
      width: 2, points: { size: 5 }, spanGaps: true,
    }],
  };
}

export function startCharts(root) {
  root.querySelectorAll("[data-trend]").forEach((box) => {
    if (box.dataset.started) return;
    box.dataset.started = "yes";
    const table = document.getElementById(box.dataset.trend);
    let chart;
    const make = () => {
      chart?.destroy();
      chart = new uPlot(options(box, getComputedStyle(box)), points(table), box);
    };
    make();
    new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: 200 })).observe(box);
    new MutationObserver(make).observe(
      document.documentElement, { attributeFilter: ["data-theme"] },
    );
  });
}
