// The whole run in one strip: how much happens where and when; faults as bands, violations as
// ticks.
// Dragging chooses the window of the diagram below.
import { useEffect, useRef } from "preact/hooks";
import { html } from "./dom.js";

const kHeight = 46;

function paint(canvas, { run, place, width, win, current, theme }) {
  const ratio = globalThis.devicePixelRatio || 1;
  const pixels = canvas.clientWidth;
  if (!pixels) return;
  canvas.width = Math.round(pixels * ratio);
  canvas.height = Math.round(kHeight * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const color = (name) => style.getPropertyValue(name).trim();
  const x = (u) => ((u + 0.75) / (width + 1)) * pixels;
  const lanes = run.regions.length;
  const row = (kHeight - 8) / lanes;

  for (const fault of run.faults) {
    if (fault.begin < 0) continue;
    const left = x(place[fault.begin]);
    const right = fault.end >= 0 ? x(place[fault.end]) : pixels;
    const rows = fault.lanes.length ? fault.lanes : run.regions.map((_, lane) => lane);
    pen.fillStyle = color("--band");
    if (fault.link) {
      const top = Math.min(...rows);
      pen.fillRect(
        left,
        4 + top * row,
        Math.max(2, right - left),
        row * (Math.max(...rows) - top + 1),
      );
    } else {
      for (const lane of rows) pen.fillRect(left, 4 + lane * row, Math.max(2, right - left), row);
    }
  }

  // One column of pixels a bucket; its darkness says how many events it holds.
  const buckets = new Float64Array(pixels * lanes);
  let most = 1;
  for (let i = 0; i < run.n; i += 1) {
    if (run.lane[i] < 0) continue;
    const bucket = Math.min(pixels - 1, Math.floor(x(place[i]))) * lanes + run.lane[i];
    buckets[bucket] += 1;
    most = Math.max(most, buckets[bucket]);
  }
  pen.fillStyle = color("--ink");
  for (let k = 0; k < buckets.length; k += 1) {
    if (!buckets[k]) continue;
    pen.globalAlpha = 0.3 + 0.7 * Math.sqrt(buckets[k] / most);
    const lane = k % lanes;
    const height = Math.max(3, row * 0.6);
    pen.fillRect((k - lane) / lanes, 4 + lane * row + (row - height) / 2, 1.2, height);
  }
  pen.globalAlpha = 1;

  pen.fillStyle = color("--bad");
  for (const violation of run.violations) {
    if (violation.at < 0) continue;
    const at = x(place[violation.at]);
    pen.fillRect(at - 1, 0, 2, kHeight);
    pen.beginPath();
    pen.moveTo(at - 5, 0);
    pen.lineTo(at + 5, 0);
    pen.lineTo(at, 7);
    pen.fill();
  }

  const left = x(win.from);
  const right = x(win.to);
  pen.fillStyle = color("--veil");
  pen.fillRect(0, 0, left, kHeight);
  pen.fillRect(right, 0, pixels - right, kHeight);
  pen.strokeStyle = color("--accent");
  pen.lineWidth = 1.5;
  pen.strokeRect(
    Math.max(1, left),
    1,
    Math.min(pixels - 1, right) - Math.max(1, left),
    kHeight - 2,
  );
  pen.fillStyle = color("--accent");
  pen.fillRect(x(place[current]) - 0.75, 0, 1.5, kHeight);
  void theme;
}

export function Overview(props) {
  const { run, place, width, win, current, onWindow, size, theme } = props;
  const canvas = useRef(null);
  const drag = useRef(null);
  useEffect(() => paint(canvas.current, props), [run, place, win, current, size, theme]);

  const unitAt = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * (width + 1) - 0.75;
  };
  const span = win.to - win.from;
  const down = (event) => {
    const u = unitAt(event);
    canvas.current.setPointerCapture(event.pointerId);
    drag.current = { u, from: win.from, inside: u >= win.from && u <= win.to && span < width };
  };
  const move = (event) => {
    if (!drag.current) return;
    const u = unitAt(event);
    const { u: start, from, inside } = drag.current;
    if (inside) onWindow({ from: from + u - start, to: from + u - start + span });
    else if (Math.abs(u - start) > 3) {
      onWindow({ from: Math.min(u, start), to: Math.max(u, start) });
    }
  };
  const up = (event) => {
    if (!drag.current) return;
    const u = unitAt(event);
    if (Math.abs(u - drag.current.u) <= 3 && !drag.current.inside) {
      onWindow({ from: u - span / 2, to: u + span / 2 });
    }
    drag.current = null;
  };
  return html`<canvas
    ref=${canvas}
    class="overview"
    role="img"
    aria-label="Overview of the whole run. The frame is the part that the diagram shows."
    style=${{ height: `${kHeight}px` }}
    onPointerDown=${down}
    onPointerMove=${move}
    onPointerUp=${up}
    onPointerCancel=${() => (drag.current = null)}
  />`;
}
