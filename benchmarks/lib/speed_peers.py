"""Other packages that extract MFCCs, where they are installed."""

import importlib.util

import numpy as np

SR = 22050


def other_packages():
    """Return MFCCs of the same settings by the packages that are installed: name to function of a waveform."""
    makers = {
        "python_speech_features": _python_speech_features,
        "kaldi_native_fbank": _kaldi_native_fbank,
        "nnAudio": _nnaudio,
        "essentia": _essentia,
    }
    return {name: make() for name, make in makers.items() if importlib.util.find_spec(name)}


def log_mel_packages():
    """Return mel spectrograms for speech recognition (80 bands, frames of 400, step 160): name to function."""
    return {"asrfront": _asrfront()} if importlib.util.find_spec("asrfront") else {}


def _asrfront():
    from asrfront import whisper

    return lambda y: whisper.log_mel(y, pad_or_trim=False)


def _python_speech_features():
    from python_speech_features import mfcc

    settings = {
        "winlen": 2048 / SR,
        "winstep": 512 / SR,
        "numcep": 13,
        "nfilt": 128,
        "nfft": 2048,
        "winfunc": np.hanning,
    }
    return lambda y: mfcc(y, SR, **settings)


def _kaldi_native_fbank():
    import kaldi_native_fbank

    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither = SR, 0
    options.frame_opts.frame_length_ms, options.frame_opts.frame_shift_ms = 2048 / SR * 1000, 512 / SR * 1000
    options.frame_opts.window_type = "hanning"
    options.mel_opts.num_bins, options.num_ceps = 128, 13

    def extract(y):
        online = kaldi_native_fbank.OnlineMfcc(options)
        online.accept_waveform(SR, y.tolist())
        online.input_finished()
        return np.stack([online.get_frame(index) for index in range(online.num_frames_ready)])

    return extract


def _nnaudio():
    import torch
    from nnAudio.features import MFCC

    layer = MFCC(sr=SR, n_mfcc=13, n_fft=2048, hop_length=512, n_mels=128, verbose=False)

    def extract(y):
        with torch.inference_mode():
            return layer(torch.from_numpy(y))[0].T.numpy()

    return extract


def _essentia():
    import essentia
    import essentia.standard

    essentia.log.infoActive = False
    window = essentia.standard.Windowing(type="hann", size=2048)
    spectrum = essentia.standard.Spectrum(size=2048)
    coefficients = essentia.standard.MFCC(
        inputSize=1025, sampleRate=SR, numberBands=128, numberCoefficients=13, highFrequencyBound=SR / 2
    )

    def extract(y):
        frames = essentia.standard.FrameGenerator(y, frameSize=2048, hopSize=512)
        return np.stack([coefficients(spectrum(window(frame)))[1] for frame in frames])

    return extract
