// Predictions of a recording that is there from end to end.

const MAX_WHOLE = 60; // seconds of a recording that is also predicted as one clip
let job = 0; // of what is predicted; what an earlier one finds is dropped

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
