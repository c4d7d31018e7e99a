// In another thread, behind the runtime: the model.
let session = null;

async function open({ module, wasm, graph }) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(new Blob([module], { type: "text/javascript" })) };
  session = await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });
}

async function run(samples) {
  const outputs = await session.run({ waveform: new ort.Tensor("float32", samples, [1, samples.length]) });
  const { data, dims } = outputs[session.outputNames[0]];
  return { values: Float32Array.from(data), dims: [...dims] };
}

onmessage = async ({ data: { id, parts, samples } }) => {
  try {
    postMessage({ id, found: parts ? await open(parts) : await run(samples) });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
};
