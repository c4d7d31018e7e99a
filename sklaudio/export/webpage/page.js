// The page: files and the microphone in, bars and pictures out.

const MAX_SEEN = 30; // seconds of a picture
const LIVE = 10;

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
