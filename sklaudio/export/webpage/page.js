// The page: files and the microphone in, bars and pictures out. No text is ever read as HTML.

const settings = JSON.parse(document.getElementById("settings").textContent);
const { names, sr } = settings;
const isOfFrames = settings.frameHop !== null;
const isProbability = settings.output === "probabilities";
const hasOneLabel = settings.task === "classes";
const MAX_WHOLE = 60; // seconds of a recording that is also predicted as one clip
const MAX_SEEN = 30; // seconds of a picture
const LIVE = 10;
const KEPT = 600; // seconds of the microphone that are kept
const MAX_LISTED = 500;
const QUIET = 1500; // milliseconds between what is said to screen readers

const $ = (id) => document.getElementById(id);
const audio = $("audio");
const predictor = new Predictor(settings);
const pictures = new Pictures($("spectrum"), $("lanes"), settings);
const state = { mode: "starting", name: "", recording: null, rows: [], nDropped: 0, whole: null, events: null, skipped: 0 };
globalThis.sklaudio = { settings, state }; // for the console, and for tests
let job = 0; // of what is predicted; what an earlier one finds is dropped
let microphone = null;
let captureSource = null;

// --- rows, and what they say ---

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

// --- bars ---

const bars = names.map((name, i) => {
  const item = document.createElement("li");
  const [label, meter, value, fill] = ["span", "div", "span", "div"].map((tag) => document.createElement(tag));
  label.className = "label";
  label.textContent = name;
  meter.className = "meter";
  fill.className = "fill";
  value.className = "value";
  meter.setAttribute("role", "meter");
  meter.setAttribute("aria-label", name);
  meter.append(fill);
  const threshold = isProbability && !hasOneLabel ? (settings.thresholds?.[i] ?? 0.5) : null;
  if (threshold !== null) {
    const tick = document.createElement("div");
    tick.className = "tick";
    tick.title = `there from ${threshold.toFixed(2)} on`;
    tick.style.left = `${100 * threshold}%`;
    meter.append(tick);
  }
  item.append(label, meter, value);
  $("bars").append(item);
  return { item, meter, fill, value };
});

let shownRow = null;
let spoken = { text: "", at: 0 };

function show(row, caption) {
  $("caption").textContent = row ? caption : "nothing yet";
  if (row === shownRow && row !== null) return;
  shownRow = row;
  const present = row ? presentIn(row.values) : [];
  const all = ranges();
  bars.forEach(({ item, meter, fill, value }, i) => {
    const [low, high] = all[i];
    const level = row ? (row.values[i] - low) / (high - low) : 0;
    fill.style.width = `${100 * Math.min(1, Math.max(0, level))}%`;
    value.textContent = row ? numberText(row.values[i]) : "–";
    item.classList.toggle("present", present.includes(i));
    meter.setAttribute("aria-valuemin", low);
    meter.setAttribute("aria-valuemax", high);
    meter.setAttribute("aria-valuenow", row ? row.values[i] : low);
    meter.setAttribute("aria-valuetext", value.textContent);
  });
  const text = row ? summaryOf(row) : "–";
  $("said").textContent = text;
  const single = row && hasOneLabel && present.length ? numberText(row.values[present[0]]) : "";
  $("certainty").textContent = single;
  if (row && text !== spoken.text && performance.now() - spoken.at > QUIET) {
    spoken = { text, at: performance.now() };
    $("spoken").textContent = `${text} ${single}`;
  }
}

// --- pictures ---

let seen = [0, 1];

function secondsOf() {
  return state.recording ? state.recording.length / sr : 0;
}

function rangeToSee() {
  const duration = secondsOf();
  if (state.mode === "listening") {
    const length = Math.max(LIVE, 2 * settings.window);
    return [Math.max(0, duration - length), Math.max(length, duration)];
  }
  if (duration <= MAX_SEEN) return [0, Math.max(duration, 0.1)];
  const from = Math.min(Math.max(0, audio.currentTime - MAX_SEEN / 2), duration - MAX_SEEN);
  return [from, from + MAX_SEEN];
}

function draw() {
  const isLive = state.mode === "listening";
  seen = pictures.draw(state.recording, ...rangeToSee());
  pictures.drawLanes(state.rows, state.events, ranges(), limits, ...seen);
  const [from, to] = seen;
  $("from").textContent = timeText(Math.max(0, from));
  $("to").textContent = timeText(to);
  $("spectrum").setAttribute("aria-label", `Spectrogram of ${timeText(Math.max(0, from))} to ${timeText(to)}, 0 to ${sr / 2} Hz`);
  const time = isLive ? secondsOf() : audio.currentTime;
  $("playhead").style.left = `${100 * Math.min(1, Math.max(0, (time - from) / (to - from)))}%`;
  $("playhead").hidden = !state.recording;
  if (isLive) {
    const row = state.rows.at(-1);
    show(row ?? null, row && `${timeText(row.start)} – ${timeText(row.end)}, as it comes`);
  } else if (state.whole && audio.currentTime === 0 && audio.paused) {
    const { start, end } = state.whole;
    const isAll = start === 0 && end === secondsOf();
    show(state.whole, isAll ? "the whole recording" : `the clip, of which the model takes ${timeText(start)} – ${timeText(end)}`);
  } else {
    const row = rowAt(state.rows, audio.currentTime);
    show(row, row && `${timeText(row.start)} – ${timeText(row.end)}`);
  }
}

let isDrawing = false;

function keepDrawing() {
  draw();
  isDrawing = state.mode === "listening" || !audio.paused;
  if (isDrawing) requestAnimationFrame(keepDrawing);
}

function redraw() {
  if (!isDrawing) requestAnimationFrame(keepDrawing);
  isDrawing = true;
}

// --- what there is to do ---

const WORDS = { starting: "starting the model…", asking: "asking for the microphone…", listening: "listening" };

function setMode(mode) {
  state.mode = mode;
  document.body.dataset.mode = mode;
  const isReady = mode === "ready" || mode === "working";
  $("file").disabled = !isReady;
  $("microphone").disabled = mode === "starting";
  $("microphone").textContent = mode === "listening" ? "Stop" : "Use the microphone";
  $("microphone").setAttribute("aria-pressed", mode === "listening");
  for (const id of ["window", "hop"]) $(id).disabled = !isReady;
  $("save").disabled = !isReady || !state.rows.length;
  $("status").textContent = WORDS[mode] ?? "";
  redraw();
}

function complain(text) {
  $("error").textContent = text;
  $("error").hidden = !text;
}

function begin(name) {
  job++;
  audio.pause();
  audio.removeAttribute("src");
  audio.load();
  $("player").hidden = true;
  Object.assign(state, { name, recording: null, skipped: 0 });
  setRows([]);
  pictures.forget();
  shownRow = null;
  complain("");
  list();
}

function playable(blob) {
  if (audio.src) URL.revokeObjectURL(audio.src);
  audio.src = URL.createObjectURL(blob);
  $("player").hidden = false;
  $("name").textContent = `${state.name}, ${timeText(secondsOf())}`;
}

async function openFile(file) {
  if (!["ready", "working"].includes(state.mode)) return;
  begin(file.name);
  const mine = job;
  setMode("working");
  $("status").textContent = `reading ${file.name}…`;
  let samples;
  try {
    samples = await decoded(await file.arrayBuffer(), sr);
  } catch {
    if (mine === job) setMode("ready");
    if (mine === job) complain(`${file.name} cannot be decoded by this browser. WAV, FLAC, MP3 and M4A are most likely to be.`);
    return;
  }
  if (mine !== job) return;
  state.recording = new Recording(samples);
  playable(file);
  await predictAll();
}

// Predict a recording that is there from end to end; `rows` are there already.
async function predictAll(rows = []) {
  const mine = ++job;
  setRows(rows);
  setMode("working");
  try {
    for await (const [done, of, unit] of isOfFrames ? predictFrames(mine) : predictWindows(mine)) {
      if (mine !== job) return;
      $("status").textContent = `${done} of ${of} ${unit}${of === 1 ? "" : "s"}`;
      redraw();
    }
  } catch (error) {
    if (mine !== job) return;
    complain(`This recording cannot be predicted: ${error.message}`);
  }
  if (mine !== job) return;
  setMode("ready");
  list();
}

async function* predictWindows(mine) {
  const { recording } = state;
  const whole = asClip(recording.all(), settings);
  if (whole.length && whole.length <= MAX_WHOLE * sr) {
    const values = await predictor.clip(whole.slice());
    if (mine !== job) return;
    widen(values);
    const { offset, duration } = settings;
    state.whole = { start: offset, end: Math.min(secondsOf(), duration === null ? Infinity : offset + duration), values };
  }
  const windows = windowsOf(recording.length, settings);
  for (const [start, stop] of windows.slice(state.rows.length)) {
    const values = await predictor.clip(recording.slice(start, stop));
    if (mine !== job) return;
    addRow({ start: start / sr, end: stop / sr, values });
    yield [state.rows.length, windows.length, "window"];
  }
}

async function* predictFrames(mine) {
  const { recording } = state;
  const blocks = blocksOf(recording.length, settings);
  for (const [index, { start, stop, first, n }] of blocks.entries()) {
    const frames = await predictor.frames(recording.slice(start, stop));
    if (mine !== job) return;
    frames.slice(first, first + n).forEach(addFrame);
    yield [index + 1, blocks.length, "block"];
  }
  if (settings.task === "events") state.events = eventsOf(state.rows.map((row) => row.values), settings);
}

function addFrame(values) {
  const frame = nFrames();
  addRow({ start: frame * settings.frameHop, end: (frame + 1) * settings.frameHop, values });
}

function nFrames() {
  return state.nDropped + state.rows.length;
}

// --- the microphone ---

async function listen() {
  begin("microphone");
  setMode("asking");
  state.recording = new Recording(new Float32Array(0), KEPT * sr);
  microphone = new Microphone();
  const live = isOfFrames ? liveFrames(job) : liveWindows(job);
  const onBlock = (block) => {
    if (state.mode !== "listening") return;
    state.recording.push(block);
    live();
  };
  try {
    // Chromium lets no worklet come from a blob of a page that is a file.
    captureSource ??= `data:text/javascript,${encodeURIComponent(new TextDecoder().decode(await unpacked("capture")))}`;
    await microphone.start(sr, captureSource, onBlock, () => stopListening("The microphone is gone."));
    setMode("listening");
  } catch (error) {
    state.recording = null;
    setMode("ready");
    complain(whyNoMicrophone(error));
  }
}

let running = Promise.resolve(); // of what is predicted of the microphone

// Predict each window when its last sample has come; where the browser is too slow for that, the newest one.
function liveWindows(mine) {
  let next = 0;
  let isBusy = false;
  async function catchUp() {
    isBusy = true;
    try {
      while (mine === job && windowAt(next, settings)[1] <= state.recording.length) {
        while (windowAt(next + 2, settings)[1] <= state.recording.length) {
          next++;
          state.skipped++;
        }
        const [start, stop] = windowAt(next++, settings);
        const before = performance.now();
        const values = await predictor.clip(state.recording.slice(start, stop));
        if (mine !== job) return;
        addRow({ start: start / sr, end: stop / sr, values });
        sayHowLong(performance.now() - before);
      }
    } finally {
      isBusy = false;
    }
  }
  return () => {
    if (!isBusy) running = catchUp().catch((error) => complain(`The model fails: ${error.message}`));
  };
}

// Predict the newest frames from the last window of sound.
function liveFrames(mine) {
  const hop = round(settings.frameHop * sr);
  let isBusy = false;
  let heard = 0;
  async function catchUp() {
    isBusy = true;
    heard = state.recording.length;
    try {
      const seen = Math.max(0, Math.floor((heard - round(settings.window * sr)) / hop));
      const before = performance.now();
      const frames = await predictor.frames(state.recording.slice(seen * hop, heard));
      if (mine !== job) return;
      while (nFrames() < seen) addFrame(frames[0]); // what came while nothing could be predicted
      frames.slice(nFrames() - seen, Math.floor(heard / hop) - seen).forEach(addFrame);
      sayHowLong(performance.now() - before);
    } finally {
      isBusy = false;
    }
  }
  return () => {
    if (isBusy || state.recording.length - heard < settings.hop * sr) return;
    running = catchUp().catch((error) => complain(`The model fails: ${error.message}`));
  };
}

function sayHowLong(milliseconds) {
  const skipped = state.skipped ? `, ${state.skipped} windows left out: this computer is too slow for the hop` : "";
  $("status").textContent = `listening, ${timeText(secondsOf())}; a window takes ${Math.round(milliseconds)} ms${skipped}`;
  forgetOld();
}

// Rows of sound that is kept no more.
function forgetOld() {
  const first = state.recording.first / sr;
  let n = 0;
  while (n < state.rows.length && state.rows[n].start < first) n++;
  state.rows.splice(0, n);
  state.nDropped += n;
}

async function stopListening(text = "") {
  if (state.mode !== "listening") return;
  setMode("working");
  await microphone.stop();
  await running;
  const samples = state.recording.all().slice();
  const isWhole = !isOfFrames && !state.skipped && state.recording.first === 0;
  state.recording = new Recording(samples);
  pictures.forget();
  complain(text);
  if (!samples.length) {
    state.recording = null;
    return setMode("ready");
  }
  playable(wavOf(samples, sr));
  await predictAll(isWhole ? state.rows : []);
}

// --- rows as a table, and as a file ---

const isListOfEvents = settings.task === "events";

function header() {
  if (isListOfEvents) return ["start", "end", "label", "probability"];
  const columns = settings.output === "probabilities" ? names.map((name) => `p(${name})`) : names;
  return ["start", "end", ...(settings.output === "numbers" ? [] : [hasOneLabel ? "label" : "labels"]), ...columns];
}

function linesOf() {
  if (isListOfEvents) return (state.events ?? []).map(({ start, end, label, probability }) => [start, end, label, probability]);
  return state.rows.map(({ start, end, values }) => {
    const labels = presentIn(values).map((i) => names[i]).join(";");
    return [start, end, ...(settings.output === "numbers" ? [] : [labels]), ...values];
  });
}

function list() {
  const lines = linesOf();
  const isShort = !isListOfEvents && settings.output !== "numbers"; // bars and lanes have the rest
  const width = isShort ? 3 : header().length;
  const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const text = (value, i) => (typeof value === "string" ? value : i < 2 ? timeText(value) : numberText(value));
  const rowOf = (tag, cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((each) => cell(tag, each)));
    return row;
  };
  $("head").replaceChildren(rowOf("th", header().slice(0, width)));
  $("rows").replaceChildren(...lines.slice(0, MAX_LISTED).map((line) => rowOf("td", line.slice(0, width).map(text))));
  const left = lines.length - MAX_LISTED;
  $("more").textContent = left > 0 ? `${left} more are in the file.` : "";
  const unit = isListOfEvents ? "event" : isOfFrames ? "frame" : "window";
  $("count").textContent = `${lines.length} ${unit}${lines.length === 1 ? "" : "s"}`;
  $("save").disabled = state.mode !== "ready" || !state.rows.length;
}

function csv() {
  const quoted = (value) => (/[",\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  return [header(), ...linesOf()].map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = `${state.name.replace(/\.[^.]*$/, "")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// --- events ---

$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  $("file").value = "";
  if (file) openFile(file);
});
$("microphone").addEventListener("click", () => {
  if (state.mode === "listening") stopListening();
  else if (state.mode !== "asking") listen(); // a button that were disabled meanwhile would lose the focus
});
$("save").addEventListener("click", save);
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file) openFile(file);
});
for (const id of ["window", "hop"]) {
  $(id).value = settings[id];
  $(id).addEventListener("change", () => {
    const seconds = Number($(id).value);
    const isGood = Number.isFinite(seconds) && round(seconds * sr) >= 1;
    if (isGood) settings[id] = seconds;
    else $(id).value = settings[id];
    if (isGood && state.recording && !isOfFrames) predictAll();
  });
}
for (const kind of ["play", "pause", "seeked", "ended", "timeupdate"]) audio.addEventListener(kind, redraw);
audio.addEventListener("ended", () => {
  audio.currentTime = 0; // the whole recording is shown again
});
$("pictures").addEventListener("click", (event) => {
  if (!state.recording || state.mode === "listening") return;
  const box = $("spectrum").getBoundingClientRect();
  const time = seen[0] + ((event.clientX - box.left) / box.width) * (seen[1] - seen[0]);
  audio.currentTime = Math.min(secondsOf(), Math.max(0, time));
});
new ResizeObserver(redraw).observe($("spectrum"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

setRows([]);
setMode("starting");
list();
predictor.open().then(
  () => setMode("ready"),
  (error) => {
    $("status").textContent = "";
    complain(`The model cannot be started in this browser: ${error.message}. A current one is needed.`);
  },
);
