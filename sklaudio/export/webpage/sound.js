// Samples: of files, and as files.

// Decode a file to one channel at the rate of the model, by the browser.
async function decoded(bytes, sr) {
  const context = new OfflineAudioContext(1, 1, sr);
  const buffer = await context.decodeAudioData(bytes);
  const samples = buffer.getChannelData(0).slice();
  for (let channel = 1; channel < buffer.numberOfChannels; channel++) {
    const other = buffer.getChannelData(channel);
    for (let i = 0; i < samples.length; i++) samples[i] += other[i];
  }
  if (buffer.numberOfChannels > 1) for (let i = 0; i < samples.length; i++) samples[i] /= buffer.numberOfChannels;
  return samples;
}

// A WAV file of 32-bit floats: the samples as they are.
function wavOf(samples, sr) {
  const header = new DataView(new ArrayBuffer(44));
  const text = (at, word) => [...word].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)));
  const number = (at, value) => header.setUint32(at, value, true);
  text(0, "RIFF");
  number(4, 36 + 4 * samples.length);
  text(8, "WAVEfmt ");
  number(16, 16);
  header.setUint16(20, 3, true); // floats
  header.setUint16(22, 1, true); // channel
  number(24, sr);
  number(28, 4 * sr);
  header.setUint16(32, 4, true);
  header.setUint16(34, 32, true);
  text(36, "data");
  number(40, 4 * samples.length);
  return new Blob([header, samples], { type: "audio/wav" });
}

// Sound of any length, of which the last `kept` samples are held.
class Recording {
  constructor(samples = new Float32Array(0), kept = Infinity) {
    this.held = samples;
    this.kept = kept;
    this.first = 0; // number of the first sample that is held
    this.length = samples.length; // samples so far
  }

  push(block) {
    let nHeld = this.length - this.first;
    if (nHeld + block.length > this.held.length) {
      const nDropped = Math.max(0, nHeld - this.kept);
      const held = new Float32Array(2 * (nHeld - nDropped + block.length));
      held.set(this.held.subarray(nDropped, nHeld));
      this.held = held;
      this.first += nDropped;
      nHeld -= nDropped;
    }
    this.held.set(block, nHeld);
    this.length += block.length;
  }

  // A copy of samples [start, stop), zeros where there are none.
  slice(start, stop) {
    const found = new Float32Array(stop - start);
    const from = Math.max(start, this.first);
    const to = Math.min(stop, this.length);
    if (to > from) found.set(this.held.subarray(from - this.first, to - this.first), from - start);
    return found;
  }

  all() {
    return this.held.subarray(0, this.length - this.first);
  }
}

// Blocks of one rate to another one, by a windowed sinc; output i is at input i * from / to.
class Resampler {
  constructor(from, to, nZeros = 32) {
    this.step = from / to;
    this.cutoff = 0.95 * Math.min(1, to / from);
    this.half = Math.ceil(nZeros / this.cutoff);
    this.held = new Float32Array(this.half);
    this.position = this.half; // of the next output, in what is held
  }

  kernel(x) {
    const hann = 0.5 + 0.5 * Math.cos((Math.PI * x) / this.half);
    const phase = Math.PI * this.cutoff * x;
    return this.cutoff * hann * (Math.abs(phase) < 1e-9 ? 1 : Math.sin(phase) / phase);
  }

  push(block) {
    const held = new Float32Array(this.held.length + block.length);
    held.set(this.held);
    held.set(block, this.held.length);
    const found = [];
    for (; this.position + this.half < held.length; this.position += this.step) {
      let sum = 0;
      const last = Math.floor(this.position + this.half);
      for (let i = Math.ceil(this.position - this.half); i <= last; i++) sum += held[i] * this.kernel(i - this.position);
      found.push(sum);
    }
    const nDone = Math.max(0, Math.ceil(this.position - this.half));
    this.held = held.slice(nDone);
    this.position -= nDone;
    return Float32Array.from(found);
  }
}
