// Spectra of a recording where they are looked at: decibels in bands that are even on the mel scale.

const BANDS = 96;
const FRAME = 0.046; // seconds

const melOf = (hertz) => 2595 * Math.log10(1 + hertz / 700);
const hertzOf = (mel) => 700 * (10 ** (mel / 2595) - 1);

// Fourier transform in place; the length is a power of two.
function transform(re, im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j]] = [re[j], re[i]]; // the imaginary parts are 0 yet
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const c = Math.cos((2 * Math.PI * k) / size);
      const s = -Math.sin((2 * Math.PI * k) / size);
      for (let a = k; a < n; a += size) {
        const b = a + size / 2;
        const x = re[b] * c - im[b] * s;
        const y = re[b] * s + im[b] * c;
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
}

class Spectrogram {
  constructor(sr) {
    this.sr = sr;
    this.nFft = 2 ** Math.round(Math.log2(FRAME * sr));
    this.taper = Float32Array.from({ length: this.nFft }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / this.nFft));
    const top = melOf(sr / 2);
    const bin = (edge) => (hertzOf((top * edge) / BANDS) / sr) * this.nFft;
    this.edges = Array.from({ length: BANDS }, (_, band) => {
      const low = Math.floor(bin(band));
      return [low, Math.max(low + 1, Math.ceil(bin(band + 1)))];
    });
    this.columns = new Map();
  }

  // Decibels of full scale in each band around a time; times are multiples of `step` seconds.
  column(recording, index, step) {
    if (step !== this.step) this.columns.clear();
    this.step = step;
    const start = Math.round(index * step * this.sr - this.nFft / 2);
    const isWhole = start + this.nFft <= recording.length;
    if (isWhole && this.columns.has(index)) return this.columns.get(index);
    const found = this.decibels(recording.slice(start, start + this.nFft));
    if (this.columns.size > 5000) this.columns.clear();
    if (isWhole) this.columns.set(index, found);
    return found;
  }

  decibels(samples) {
    const im = new Float32Array(this.nFft);
    const re = samples.map((y, i) => y * this.taper[i]);
    transform(re, im);
    return Float32Array.from(this.edges, ([low, high]) => {
      let peak = 0;
      for (let i = low; i < high; i++) peak = Math.max(peak, re[i] ** 2 + im[i] ** 2);
      return 10 * Math.log10(peak / (this.nFft / 4) ** 2 + 1e-10);
    });
  }
}
