// Predictions of the microphone while it is on.

const KEPT = 600; // seconds of the microphone that are kept
let microphone = null;
let captureSource = null;

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
  let taken = 0;
  async function catchUp() {
    isBusy = true;
    taken = state.recording.length;
    try {
      const seen = Math.max(0, Math.floor((taken - round(settings.window * sr)) / hop));
      const before = performance.now();
      const frames = await predictor.frames(state.recording.slice(seen * hop, taken));
      if (mine !== job) return;
      while (nFrames() < seen) addFrame(frames[0]); // what came while nothing could be predicted
      frames.slice(nFrames() - seen, Math.floor(taken / hop) - seen).forEach(addFrame);
      sayHowLong(performance.now() - before);
    } finally {
      isBusy = false;
    }
  }
  return () => {
    if (isBusy || state.recording.length - taken < settings.hop * sr) return;
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
