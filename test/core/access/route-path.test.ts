import { describe, expect, test } from '@jest/globals';
import { findClashingPaths, findRouteMistake } from '../../../core/access/action-pattern.ts';
import { readProfile } from '../../../core/profile/parse-profile.ts';
import standard from '../../../profiles/standard.json' with { type: 'json' };

describe('a route that API Gateway can have no resource for is refused with a sentence', () => {
  test.each([
    ['GET /a?x=1', 'found "a?x=1"'],
    ['GET /a;id', 'found "a;id"'],
    ['GET /café', 'found "café"'],
    ['GET /a%20b', 'found "a%20b"'],
    ['GET /a/{}', 'found "{}"'],
    ['GET /a/{id}.json', 'found "{id}.json"'],
    ['GET /a/{id+}/b', 'have a parameter such as {all+} as its last part only'],
    ['GET /users/{id}/{id}', 'name each parameter once, found {id} twice'],
    ['GET /users/{id}/{id+}', 'name each parameter once, found {id} twice'],
  ])('%s', (route, end) => {
    expect(findRouteMistake(route)).toMatch(/^a route that API Gateway can have: its path must /);
    expect(findRouteMistake(route)?.endsWith(end)).toBe(true);
    const read = readProfile({ ...standard, routes: [...standard.routes, route] });
    const sentences = read.kind === 'mistakes' ? read.mistakes.map(({ sentence }) => sentence) : [];
    expect(sentences).toContain(
      `The profile's routes.${standard.routes.length} must be ${findRouteMistake(route)}.`,
    );
  });

  test.each(['GET /', '* /**', '* /users/**', 'GET /*/{id}', 'GET /a/{rest+}', 'POST /v1:all/$x-y_z.json'])(
    'and %s is not',
    (route) => {
      expect(findRouteMistake(route)).toBeUndefined();
    },
  );
});

test('a parameter has one name at its place, and another one elsewhere', () => {
  expect(findClashingPaths(['/users', '/users/{id}', '/users/{name}/photos'])).toEqual([
    '/users/{name}/photos',
    '/users/{id}',
  ]);
  expect(findClashingPaths(['/users/{all+}', '/users/{id}'])).toEqual(['/users/{id}', '/users/{all+}']);
  expect(
    findClashingPaths(['/users/{id}', '/users/{id}/photos', '/teams/{name}', '/users/*/**']),
  ).toBeUndefined();
  const routes = [...standard.routes, 'GET /users/{id}', 'GET /users/{name}/photos'];
  const read = readProfile({ ...standard, routes });
  expect(read).toMatchObject({
    kind: 'mistakes',
    mistakes: expect.arrayContaining([
      expect.objectContaining({
        between: ['routes'],
        path: ['routes', routes.length - 1],
        sentence:
          "The profile's routes name a parameter in two ways, /users/{name}/photos and /users/{id}: API Gateway takes one name at one place.",
      }),
    ]),
  });
});
