import type { RestApi } from '../gateway/rest-api.ts';

/**
 * Makes a function that puts the addresses of a run in the place of those that its APIs would have on AWS, with and without
 * the stage.
 * @param urls by the names of the APIs; APIs may be added to it later.
 */
export function localizer(
  apis: readonly RestApi[],
  urls: Readonly<Record<string, string>>,
): (text: string) => string {
  return (text) =>
    apis.reduce((read, { id, region, stage, name }) => {
      const url = urls[name];
      if (url === undefined) return read;
      const origin = `https://${id}.execute-api.${region}.amazonaws.com`;
      return read.replaceAll(`${origin}/${stage.name}`, url).replaceAll(origin, url);
    }, text);
}
