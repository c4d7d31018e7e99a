// What is drawn: the spectrogram, and a lane for each class, label or number below it.

const LANE = 22; // pixels
const MAX_LANES = 24;
const DECIBELS = 70; // from the loudest to the ground
const COLOURS = [[11, 12, 30], [66, 20, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]];

function colourOf(level) {
  const at = Math.min(0.9999, Math.max(0, level)) * (COLOURS.length - 1);
  const low = Math.floor(at);
  return COLOURS[low].map((value, i) => value + (at - low) * (COLOURS[low + 1][i] - value));
}
const PALETTE = Uint8ClampedArray.from({ length: 256 * 3 }, (_, i) => colourOf(Math.floor(i / 3) / 255)[i % 3]);

class Pictures {
  constructor(spectrum, lanes, settings) {
    this.spectrum = spectrum;
    this.lanes = lanes;
    this.settings = settings;
    this.spectrogram = new Spectrogram(settings.sr);
    this.peak = -30;
  }

  forget() {
    this.spectrogram.columns.clear();
    this.peak = -30;
  }

  // Draw seconds [from, to) of a recording; returns the range that is drawn, which begins with a whole column.
  draw(recording, from, to) {
    const width = Math.max(50, Math.min(1200, Math.round(this.spectrum.clientWidth)));
    const step = (to - from) / width;
    const first = Math.round(from / step);
    const image = new ImageData(width, BANDS);
    const columns = Array.from({ length: width }, (_, x) =>
      recording && first + x >= 0 && (first + x) * step * this.settings.sr < recording.length
        ? this.spectrogram.column(recording, first + x, step)
        : null,
    );
    for (const column of columns) if (column) this.peak = Math.max(this.peak, ...column);
    columns.forEach((column, x) => {
      for (let band = 0; band < BANDS; band++) {
        const level = column ? 1 + (column[band] - this.peak) / DECIBELS : 0;
        const colour = 3 * Math.round(255 * Math.min(1, Math.max(0, level)));
        const at = 4 * ((BANDS - 1 - band) * width + x);
        for (let i = 0; i < 3; i++) image.data[at + i] = PALETTE[colour + i];
        image.data[at + 3] = 255;
      }
    });
    Object.assign(this.spectrum, { width, height: BANDS });
    this.spectrum.getContext("2d").putImageData(image, 0, 0);
    return [first * step, (first + width) * step];
  }

  // A lane for each column that is shown: what it was in each row, from 0 to 1 of its range.
  drawLanes(rows, events, ranges, limits, from, to) {
    const shown = this.shownColumns(limits);
    const ratio = globalThis.devicePixelRatio || 1;
    const width = this.lanes.clientWidth;
    this.lanes.style.height = `${shown.length * LANE}px`;
    Object.assign(this.lanes, { width: Math.round(width * ratio), height: Math.round(shown.length * LANE * ratio) });
    const context = this.lanes.getContext("2d");
    context.scale(ratio, ratio);
    const colour = (name) => getComputedStyle(this.lanes).getPropertyValue(name);
    const x = (seconds) => ((seconds - from) / (to - from)) * width;
    const visible = visibleRows(rows, from, to);
    shown.forEach((column, lane) => {
      const bottom = (lane + 1) * LANE;
      context.fillStyle = colour("--track");
      context.fillRect(0, bottom - 1, width, 1);
      const [low, high] = ranges[column];
      context.fillStyle = colour("--bar");
      for (const [start, end, row] of visible) {
        const level = (row.values[column] - low) / (high - low || 1);
        context.fillRect(x(start), bottom - level * (LANE - 4) - 1, Math.max(1, x(end) - x(start)), level * (LANE - 4));
      }
      context.fillStyle = colour("--event");
      for (const event of events ?? []) {
        if (event.label !== this.settings.names[column] || event.end < from || event.start > to) continue;
        context.fillRect(x(event.start), bottom - 4, Math.max(2, x(event.end) - x(event.start)), 4);
      }
      context.font = "12px system-ui, sans-serif";
      context.lineWidth = 3;
      context.strokeStyle = colour("--card");
      context.fillStyle = colour("--ink");
      context.strokeText(this.settings.names[column], 6, bottom - 7);
      context.fillText(this.settings.names[column], 6, bottom - 7);
    });
  }

  // All columns, or those of the largest values where there are many.
  shownColumns(limits) {
    const columns = limits.map((_, column) => column);
    const highest = (column) => limits[column][1];
    if (columns.length > MAX_LANES) columns.sort((a, b) => highest(b) - highest(a)).splice(MAX_LANES);
    return columns.sort((a, b) => a - b);
  }
}

// The rows that are seen, each with where it is drawn: windows overlap, so each is drawn around its middle.
function visibleRows(rows, from, to) {
  if (rows.length === 0) return [];
  const middle = (row) => (row.start + row.end) / 2;
  const found = [];
  for (let i = firstAfter(rows, from); i < rows.length && rows[i].start <= to; i++) {
    const before = i > 0 ? (middle(rows[i - 1]) + middle(rows[i])) / 2 : rows[i].start;
    const after = i + 1 < rows.length ? (middle(rows[i]) + middle(rows[i + 1])) / 2 : rows[i].end;
    found.push([before, after, rows[i]]);
  }
  return found;
}

// Number of the first row that ends after a time.
function firstAfter(rows, time) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const at = (low + high) >> 1;
    if (rows[at].end <= time) low = at + 1;
    else high = at;
  }
  return low;
}

// The row whose middle is nearest to a time.
function rowAt(rows, time) {
  let best = null;
  const off = (row) => Math.abs((row.start + row.end) / 2 - time);
  for (let i = firstAfter(rows, time); i < rows.length && rows[i].start <= time; i++) {
    if (best === null || off(rows[i]) < off(best)) best = rows[i];
  }
  return best ?? rows[Math.max(0, Math.min(rows.length - 1, firstAfter(rows, time)))] ?? null;
}
