// What the page knows: its settings, and the rows of a recording, which are what is predicted of a window or a frame.

const settings = JSON.parse(document.getElementById("settings").textContent);
const { names, sr } = settings;
const isOfFrames = settings.frameHop !== null;
const isProbability = settings.output === "probabilities";
const hasOneLabel = settings.task === "classes";

const $ = (id) => document.getElementById(id);
const audio = $("audio");
const predictor = new Predictor(settings);
const pictures = new Pictures($("spectrum"), $("lanes"), settings);
const state = { mode: "starting", name: "", recording: null, rows: [], nDropped: 0, whole: null, events: null, skipped: 0 };
globalThis.sklaudio = { settings, state }; // for the console, and for tests

let limits = []; // lowest and highest value of each name

function setRows(rows) {
  Object.assign(state, { rows: [], nDropped: 0, whole: null, events: null });
  limits = names.map(() => [Infinity, -Infinity]);
  rows.forEach(addRow);
}

function addRow(row) {
  state.rows.push(row);
  widen(row.values);
}

function widen(values) {
  limits.forEach((limit, i) => {
    limit[0] = Math.min(limit[0], values[i]);
    limit[1] = Math.max(limit[1], values[i]);
  });
}

function ranges() {
  return limits.map(([low, high]) => {
    if (isProbability || !(high >= low)) return [0, 1];
    const margin = 0.1 * (high - low) || 0.1 * Math.abs(high) || 1;
    return [low - margin, high + margin];
  });
}

function presentIn(values) {
  if (!isProbability && settings.output !== "scores") return [];
  const least = settings.rejectBelow ?? 0;
  if (hasOneLabel) {
    const winner = values.indexOf(Math.max(...values));
    return isProbability && values[winner] < least ? [] : [winner];
  }
  const isThere = (p, i) => (settings.thresholds ? p >= settings.thresholds[i] : p > 0.5) && p >= least;
  return names.map((_, i) => i).filter((i) => isThere(values[i], i));
}

function numberText(value) {
  if (isProbability) return value.toFixed(2);
  return Math.abs(value) >= 1e4 || (value && Math.abs(value) < 1e-3) ? value.toExponential(2) : value.toPrecision(3);
}

function summaryOf(row) {
  if (settings.output === "numbers") return names.slice(0, 3).map((name, i) => `${name} ${numberText(row.values[i])}`).join(", ");
  const present = presentIn(row.values);
  if (present.length) return present.map((i) => names[i]).join(", ");
  return hasOneLabel ? "not sure" : "none";
}

function timeText(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}
