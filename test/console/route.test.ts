import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EVERY_ACTIVITY } from '../../console/activity/activity-filter.ts';
import { planNavigation, titleOf } from '../../console/frame/navigation.ts';
import { NO_FILTER } from '../../console/keys/key-filter.ts';
import { EMPTY_DRAFT, type Route, readRoute, writeRoute } from '../../console/location/route.ts';

describe('the address names the view', () => {
  const routes: readonly Route[] = [
    { view: 'home' },
    { view: 'keys', workspace: 'acme', filter: NO_FILTER },
    {
      view: 'keys',
      workspace: 'acme',
      filter: {
        search: 'a&b #?',
        status: 'revoked',
        scope: 'read:all',
        isUnused: true,
        isExpiring: true,
        isOrphaned: true,
        maker: 'usr_1',
      },
    },
    { view: 'new_key', workspace: 'acme', draft: EMPTY_DRAFT },
    {
      view: 'new_key',
      workspace: 'acme',
      draft: { name: 'ci', description: 'for builds', scopes: ['read:all', 'write:all'], expires: '30' },
    },
    { view: 'key', workspace: 'acme', key: 'key_1' },
    { view: 'members', workspace: 'acme' },
    { view: 'activity', workspace: 'acme', filter: EVERY_ACTIVITY },
    {
      view: 'activity',
      workspace: 'acme',
      filter: { kind: 'key.updated', actor: 'usr_1', key: 'key_1', from: '2026-11-01', to: '2026-11-30' },
    },
  ];
  test.each(routes.map((route) => [writeRoute(route), route] as const))('%s', (address, route) => {
    expect(readRoute(address)).toEqual(route);
  });

  test('a link that fills in the form is as short as people would write it', () => {
    const draft = { ...EMPTY_DRAFT, name: 'ci', scopes: ['read:all', 'write:all'], expires: '30' };
    expect(writeRoute({ view: 'new_key', workspace: 'acme', draft })).toBe(
      '#/acme/keys/new?name=ci&scopes=read:all,write:all&expires=30',
    );
  });

  test.each(['#/acme/nothing', '#/acme/keys/a/b', '#/acme/members/x', '#x', '#//evil.example/keys'])(
    '%s leads nowhere',
    (address) => expect(readRoute(address).view).toBe('unknown'),
  );

  test('any text can be an address, and breaks nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(typeof writeRoute(readRoute(text))).toBe('string')));
    expect(readRoute('#/%E0%A4%A/keys')).toEqual({ view: 'keys', workspace: '%E0%A4%A', filter: NO_FILTER });
  });
});

describe('the way to the keys is the one that the product names', () => {
  const features = { personal_access_tokens: null } as Parameters<
    typeof planNavigation
  >[0]['config']['features'];
  const route: Route = { view: 'keys', workspace: 'acme', filter: NO_FILTER };
  const labelsOf = (place: readonly string[]) => {
    const print = (steps: ReturnType<typeof planNavigation>): unknown[] =>
      steps.flatMap(({ label, isHere, steps: inner }) => [
        isHere ? `[${label}]` : label,
        ...(inner.length > 0 ? [print(inner)] : []),
      ]);
    return print(planNavigation({ config: { place, features }, workspace: 'acme', route }));
  };

  test('two steps, three steps, or one', () => {
    expect(labelsOf(['Settings', 'API Keys'])).toEqual(['Settings', ['[API Keys]', 'Members', 'Activity']]);
    expect(labelsOf(['Settings', 'Developers', 'API Keys'])).toEqual([
      'Settings',
      ['Developers', ['[API Keys]'], 'Members', 'Activity'],
    ]);
    expect(labelsOf(['API Keys'])).toEqual(['[API Keys]', 'Members', 'Activity', 'Settings']);
  });

  test('and the tab of the browser is called as the view', () => {
    const config = { place: ['Settings', 'API Keys'], product: 'Acme Cloud' };
    expect(titleOf(route, config)).toBe('API Keys · Acme Cloud');
    expect(titleOf({ view: 'members' }, config)).toBe('Members · Acme Cloud');
  });
});
