import type { AdapterFactory, AdapterPayload } from 'oidc-provider';

/**
 * The codes and tokens that the issuer has given out during this run. It keeps no sessions, so that nobody stays signed in
 * and the page appears every time.
 */
export function createMemory(): AdapterFactory {
  const kept = new Map<string, { readonly payload: AdapterPayload; readonly endsAt: number }>();
  return (model) => {
    const find = async (id: string) => {
      const { payload, endsAt = 0 } = kept.get(`${model} ${id}`) ?? {};
      return endsAt > Date.now() && model !== 'Session' ? payload : undefined;
    };
    return {
      find,
      findByUid: async () => {},
      findByUserCode: async () => {},
      upsert: async (id, payload, seconds = Number.POSITIVE_INFINITY) => {
        kept.set(`${model} ${id}`, { payload, endsAt: Date.now() + seconds * 1000 });
      },
      consume: async (id) => {
        Object.assign((await find(id)) ?? {}, { consumed: true });
      },
      destroy: async (id) => {
        kept.delete(`${model} ${id}`);
      },
      revokeByGrantId: async (grantId) => {
        const granted = [...kept].filter(([, { payload }]) => payload.grantId === grantId);
        for (const [key] of granted) if (key.startsWith(`${model} `)) kept.delete(key);
      },
    };
  };
}
