// In the thread of the sound: what comes in, in blocks of 512 samples.
class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(512);
    this.n = 0;
  }

  process([[channel]]) {
    for (let from = 0; channel && from < channel.length; ) {
      const part = channel.subarray(from, from + this.block.length - this.n);
      this.block.set(part, this.n);
      this.n += part.length;
      from += part.length;
      if (this.n === this.block.length) {
        this.port.postMessage(this.block.slice());
        this.n = 0;
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
