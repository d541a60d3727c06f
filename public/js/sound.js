/** Two soft notes, short; nothing where the browser lets no sound out. */
export async function chime() {
  const audio = new AudioContext();
  const end = audio.currentTime + 0.5;
  for (const [at, frequency] of [[0, 587.33], [0.11, 880]]) {
    const note = new OscillatorNode(audio, { frequency });
    const loudness = new GainNode(audio, { gain: 0 });
    const start = audio.currentTime + at;
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(0.12, start + 0.015);
    loudness.gain.exponentialRampToValueAtTime(0.0005, end);
    note.connect(loudness).connect(audio.destination);
    note.start(start);
    note.stop(end);
  }
  setTimeout(() => audio.close(), 1000);
}
