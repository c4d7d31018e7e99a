// The model, in another thread.

async function unpacked(name) {
  const element = document.getElementById(`packed-${name}`);
  const text = atob(element.textContent);
  element.remove(); // megabytes that are needed no more
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

class Predictor {
  constructor(settings) {
    this.settings = settings;
    this.waiting = new Map();
    this.count = 0;
  }

  async open() {
    const [runtime, code] = await Promise.all(["runtime", "worker"].map(unpacked));
    this.worker = new Worker(URL.createObjectURL(new Blob([runtime, "\n", code], { type: "text/javascript" })));
    this.worker.onmessage = ({ data: { id, found, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) resolve(found);
      else reject(new Error(error));
    };
    this.worker.onerror = (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message || "the model cannot be started"));
      this.waiting.clear();
    };
    const [module, wasm, graph] = await Promise.all(["module", "wasm", "graph"].map(unpacked));
    await this.ask({ parts: { module, wasm, graph } }, [wasm.buffer, graph.buffer]);
  }

  ask(message, transferred = []) {
    const id = this.count++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...message }, transferred);
    });
  }

  // Values of a clip, as many as there are names.
  async clip(samples) {
    const { values } = await this.ask({ samples });
    return this.settings.output === "scores" && values.length === 1 ? Float32Array.of(-values[0], values[0]) : values;
  }

  // Values of each frame: a list of as many as there are names.
  async frames(samples) {
    const { values, dims } = await this.ask({ samples });
    return Array.from({ length: dims[1] }, (_, frame) => values.slice(frame * dims[2], (frame + 1) * dims[2]));
  }
}
