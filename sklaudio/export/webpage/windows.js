"use strict";
// What is predicted of a recording, and what decides about it: as sklaudio has it in Python.

// As Python rounds: halves to the even number.
function round(x) {
  const low = Math.floor(x);
  return x - low === 0.5 ? low + (low % 2) : Math.round(x);
}

// First and last sample of a window: [start, stop).
function windowAt(index, { sr, window, hop }) {
  const start = round(index * (hop * sr));
  return [start, start + round(window * sr)];
}

// All windows of so many samples; the first one to reach the end is the last, and may be shorter.
function windowsOf(nSamples, settings) {
  const found = [];
  let end = 0;
  for (let index = 0; ; index++) {
    const [start, stop] = windowAt(index, settings);
    if (stop > nSamples) {
      if (nSamples > Math.max(start, end)) found.push([start, nSamples]);
      return found;
    }
    found.push([start, stop]);
    end = stop;
  }
}

// A recording as the features of the model see a clip: what is after `offset`, cut or padded to `duration`.
function asClip(samples, { sr, offset, duration }) {
  const rest = samples.subarray(Math.trunc(offset * sr));
  if (duration === null) return rest;
  const clip = new Float32Array(Math.max(1, round(duration * sr)));
  clip.set(rest.subarray(0, clip.length));
  return clip;
}

// Blocks of a recording of a model that predicts every frame. Each sees [start, stop) samples; of its frames those
// from `first` on are wanted, `n` of them or, of the last block, all.
function blocksOf(nSamples, { sr, frameHop, core, context }) {
  const hop = round(frameHop * sr);
  const nFrames = 1 + Math.floor(nSamples / hop);
  const blocks = [];
  for (let begin = 0; ; begin += core) {
    const seen = Math.max(0, begin - context);
    const isLast = nFrames <= begin + core + context;
    const stop = isLast ? nSamples : (begin + core + context) * hop;
    blocks.push({ start: seen * hop, stop, first: begin - seen, n: isLast ? Infinity : core });
    if (isLast) return blocks;
  }
}

// Running median over an odd number of frames; before the first and after the last, these go on.
function runningMedian(curve, length) {
  if (length === 1) return curve;
  const half = (length - 1) / 2;
  const at = (frame) => curve[Math.min(curve.length - 1, Math.max(0, frame))];
  return curve.map((_, frame) => Float32Array.from({ length }, (_, i) => at(frame - half + i)).sort()[half]);
}

// Events of the frames of a recording, each with a value for every label, in order of time.
function eventsOf(frames, { names, thresholds, medianLengths, minDurations, frameHop }) {
  const events = [];
  names.forEach((label, column) => {
    const curve = Float32Array.from(frames, (values) => values[column]);
    const smoothed = runningMedian(curve, medianLengths[column]);
    const threshold = thresholds[column];
    const crossing = (frame) => {
      if (frame === 0 || frame === curve.length) return frame;
      return frame - 0.5 + (threshold - smoothed[frame - 1]) / (smoothed[frame] - smoothed[frame - 1]);
    };
    for (let first = 0; first < curve.length; first++) {
      if (!(smoothed[first] >= threshold)) continue;
      let stop = first;
      while (stop < curve.length && smoothed[stop] >= threshold) stop++;
      const start = crossing(first) * frameHop;
      const end = crossing(stop) * frameHop;
      const probability = curve.subarray(first, stop).reduce((sum, p) => sum + p, 0) / (stop - first);
      if (end - start >= minDurations[column]) events.push({ start, end, label, probability });
      first = stop;
    }
  });
  return events.sort((a, b) => a.start - b.start || a.end - b.end);
}
