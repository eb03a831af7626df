const FORMATS = ['wav', 'mp3'] as const;
export type AudioFormat = (typeof FORMATS)[number];

interface Speech {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

const MEDIA_TYPES = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

/**
 * The format whose bytes a caller asks for in `Accept`. API Gateway sends bytes only where the first type is one of these, so
 * the other types do not count.
 * @returns `undefined` for a caller who gets JSON.
 */
export function acceptedFormat(accept: string): AudioFormat | undefined {
  const mediaType = accept.split(/[,;]/)[0]?.trim().toLowerCase();
  return FORMATS.find((format) => MEDIA_TYPES[format] === mediaType);
}

/** The sample cannot speak: it answers with silence, and a longer text gives a longer silence. */
export function synthesize(text: string, format: AudioFormat): Speech {
  const bytes = format === 'wav' ? silentWav(text.length) : silentMp3(text.length);
  return { mediaType: MEDIA_TYPES[format], bytes };
}

const SAMPLES_A_SECOND = 8_000;
const SECONDS_A_CHARACTER = 0.01;
const HEADER_BYTES = 44;

/** One channel of 16 bits (RIFF WAVE, PCM). */
function silentWav(characters: number): Buffer {
  const dataBytes = 2 * Math.round(characters * SECONDS_A_CHARACTER * SAMPLES_A_SECOND);
  const wav = Buffer.alloc(HEADER_BYTES + dataBytes);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLES_A_SECOND, 24);
  wav.writeUInt32LE(2 * SAMPLES_A_SECOND, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(dataBytes, 40);
  return wav;
}

/** MPEG-1 layer III, 128 kbit/s at 44.1 kHz: a frame of 417 bytes is 26 ms. */
const FRAME = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(413)]);
const FRAME_SECONDS = 0.026;

function silentMp3(characters: number): Buffer {
  const frames = Math.ceil((characters * SECONDS_A_CHARACTER) / FRAME_SECONDS);
  return Buffer.concat(Array.from({ length: frames }, () => FRAME));
}
