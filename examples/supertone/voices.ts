/** A voice as the product's public API shows it. */
export interface Voice {
  readonly voice_id: string;
  readonly name: string;
  readonly description: string;
  readonly age: string;
  readonly gender: string;
  readonly use_case: string;
  readonly use_cases: readonly string[];
  readonly language: readonly string[];
  readonly styles: readonly string[];
  readonly models: readonly string[];
}

/** Voices that every account may use. */
const LIBRARY: readonly Voice[] = [
  {
    voice_id: 'voice_agatha',
    name: 'Agatha',
    description: 'Calm and clear',
    age: 'middle-aged',
    gender: 'female',
    use_case: 'narration',
    use_cases: ['narration', 'audiobook'],
    language: ['en', 'ko'],
    styles: ['neutral', 'warm'],
    models: ['sona_speech_1'],
  },
  {
    voice_id: 'voice_bin',
    name: 'Bin',
    description: 'Bright and quick',
    age: 'young-adult',
    gender: 'male',
    use_case: 'advertisement',
    use_cases: ['advertisement'],
    language: ['ko'],
    styles: ['neutral'],
    models: ['sona_speech_1'],
  },
];

/** Voices that were cloned by an account, by whose workspace they belong to. */
const CLONES: Readonly<Record<string, readonly Voice[]>> = {
  acme: [
    {
      voice_id: 'voice_acme_clone',
      name: 'Acme clone',
      description: 'Cloned by Acme',
      age: 'young-adult',
      gender: 'female',
      use_case: 'custom',
      use_cases: ['custom'],
      language: ['en'],
      styles: ['neutral'],
      models: ['sona_speech_1'],
    },
  ],
};

export type Access =
  | { readonly kind: 'usable'; readonly voice: Voice }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unknown' };

export function usableVoices(account: string): readonly Voice[] {
  return [...LIBRARY, ...(Object.hasOwn(CLONES, account) ? (CLONES[account] ?? []) : [])];
}

/** Tells whether an account may use a voice: another account's clone is there, but not for it. */
export function accessTo(account: string, voiceId: string): Access {
  const voice = usableVoices(account).find(({ voice_id }) => voice_id === voiceId);
  if (voice !== undefined) return { kind: 'usable', voice };
  const isForeign = Object.values(CLONES).some((voices) =>
    voices.some(({ voice_id }) => voice_id === voiceId),
  );
  return isForeign ? { kind: 'foreign' } : { kind: 'unknown' };
}
