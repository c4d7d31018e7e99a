// The microphone, as blocks of samples at the rate of the model.
class Microphone {
  // `source` is the address of capture.js, `onBlock` gets each block, `onEnd` is called where the device goes away.
  async start(sr, source, onBlock, onEnd) {
    if (!navigator.mediaDevices?.getUserMedia || !globalThis.AudioWorkletNode) throw new Error("unreachable");
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
    try {
      this.stream.getAudioTracks()[0].onended = onEnd;
      const input = this.open(sr);
      await this.context.audioWorklet.addModule(source);
      const options = { numberOfInputs: 1, channelCount: 1, channelCountMode: "explicit" };
      const node = new AudioWorkletNode(this.context, "capture", options);
      const resampler = this.context.sampleRate === sr ? null : new Resampler(this.context.sampleRate, sr);
      node.port.onmessage = ({ data }) => onBlock(resampler ? resampler.push(data) : data);
      input.connect(node).connect(this.context.destination); // it puts out silence, and runs as it is connected
      await this.context.resume();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  // Firefox takes microphones at their native rate alone.
  open(sr) {
    try {
      this.context = new AudioContext({ sampleRate: sr });
      return this.context.createMediaStreamSource(this.stream);
    } catch {
      this.context?.close();
      this.context = new AudioContext();
      return this.context.createMediaStreamSource(this.stream);
    }
  }

  async stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.context && this.context.state !== "closed") await this.context.close();
  }
}

function whyNoMicrophone(error) {
  if (error.message === "unreachable") {
    return (
      "This browser lets no page from a file use the microphone. In the folder of this page run " +
      "“python -m http.server”, and open http://localhost:8000/ there."
    );
  }
  if (error.name === "NotAllowedError") return "The microphone may not be used: allow it in the settings of the browser.";
  if (error.name === "NotFoundError") return "There is no microphone.";
  return `The microphone cannot be used: ${error.message}`;
}
