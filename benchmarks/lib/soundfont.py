"""Notes of General MIDI instruments, rendered by fluidsynth: exact labels, any pitch and velocity."""

import shutil
import subprocess

import soundfile

PROGRAMS = {  # numbers of General MIDI, from 0; instruments that sound differently, at most two of a family
    "piano": 0,
    "vibraphone": 11,
    "church organ": 19,
    "nylon guitar": 24,
    "distortion guitar": 30,
    "double bass": 32,
    "violin": 40,
    "harp": 46,
    "choir": 52,
    "trumpet": 56,
    "alto saxophone": 65,
    "clarinet": 71,
    "flute": 73,
    "square lead": 80,
    "warm pad": 89,
    "sitar": 104,
}
PITCHES = tuple(range(45, 81, 3))  # MIDI numbers: A2 to F#5
VELOCITIES = (60, 110)
STEP_MS, NOTE_MS, CLIP_MS = 1500, 1000, 1250


def all_notes():
    """List every program at every pitch and velocity: (name of the program, pitch, velocity)."""
    return [(name, pitch, velocity) for name in PROGRAMS for pitch in PITCHES for velocity in VELOCITIES]


def midi(notes):
    """Make a MIDI file of one track that plays notes one after the other, one every `STEP_MS`.

    Parameters
    ----------
    notes : list of (str, int, int)
        Name of the program, pitch and velocity of each.

    Returns
    -------
    bytes
        Standard MIDI file, format 0, in ticks of a millisecond.
    """
    track = b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big")  # a quarter note is a second
    rest = 0
    for name, pitch, velocity in notes:
        track += _delta(rest) + b"\xb0\x78\x00"  # all sound off: nothing of the note before
        track += _delta(0) + bytes([0xC0, PROGRAMS[name]]) + _delta(0) + bytes([0x90, pitch, velocity])
        track += _delta(NOTE_MS) + bytes([0x80, pitch, 0])
        rest = STEP_MS - NOTE_MS
    track += _delta(rest) + b"\xff\x2f\x00"
    header = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x00\x00\x01" + (1000).to_bytes(2, "big")
    return header + b"MTrk" + len(track).to_bytes(4, "big") + track


def _delta(ticks):
    """Encode ticks as MIDI has them: 7 bits a byte, all but the last with the highest bit set."""
    digits = [ticks & 0x7F]
    while ticks := ticks >> 7:
        digits.append(ticks & 0x7F | 0x80)
    return bytes(reversed(digits))


def render(soundfont, notes, folder, sr):
    """Render notes, each to a file in `folder`, named by its program, pitch and velocity.

    Parameters
    ----------
    soundfont : Path
        A file in SoundFont 2 format.
    notes : list of (str, int, int)
        Name of the program, pitch and velocity of each.
    folder : Path
        Where the files go.
    sr : int
        Sampling rate, in hertz.

    Returns
    -------
    list of Path
        In the order of the notes.

    Raises
    ------
    OSError
        If fluidsynth is not installed or fails.
    """
    if shutil.which("fluidsynth") is None:
        raise FileNotFoundError("fluidsynth is not on the PATH. apt-get install fluidsynth.")
    song, sound = folder / "notes.mid", folder / "notes.wav"
    song.write_bytes(midi(notes))
    dry = ["-R", "0", "-C", "0"]  # a chorus that goes on would differ from one clip to the next
    command = ["fluidsynth", "-n", "-i", *dry, "-r", str(sr), "-T", "wav", "-F", str(sound), str(soundfont), str(song)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode or not sound.exists():
        raise OSError(f"fluidsynth could not render {soundfont}: {done.stderr.strip() or done.stdout.strip()}")
    samples, _ = soundfile.read(sound, dtype="int16")
    clips = []
    for index, (name, pitch, velocity) in enumerate(notes):
        first = index * STEP_MS * sr // 1000
        clips.append(folder / f"{name} {pitch} {velocity}.wav")
        soundfile.write(clips[-1], samples[first : first + CLIP_MS * sr // 1000], sr)
    sound.unlink()
    return clips
