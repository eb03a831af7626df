import type { PropertyReader } from '../assembly/json.ts';
import type { ResolvedResource } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';

/** The headers that a response headers policy adds. */
export type AddedHeaders = readonly (readonly [name: string, value: string])[];

/** How CloudFront writes each of its security headers. */
const SECURITY_HEADERS: Readonly<
  Record<string, { readonly name: string; readonly valueOf: (settings: PropertyReader) => string }>
> = {
  ContentSecurityPolicy: {
    name: 'Content-Security-Policy',
    valueOf: (settings) => settings.text('ContentSecurityPolicy'),
  },
  ContentTypeOptions: { name: 'X-Content-Type-Options', valueOf: () => 'nosniff' },
  FrameOptions: { name: 'X-Frame-Options', valueOf: (settings) => settings.text('FrameOption') },
  ReferrerPolicy: { name: 'Referrer-Policy', valueOf: (settings) => settings.text('ReferrerPolicy') },
  StrictTransportSecurity: {
    name: 'Strict-Transport-Security',
    valueOf: (settings) =>
      [
        `max-age=${settings.number('AccessControlMaxAgeSec', 0)}`,
        ...(settings.boolean('IncludeSubdomains') ? ['includeSubDomains'] : []),
        ...(settings.boolean('Preload') ? ['preload'] : []),
      ].join('; '),
  },
};

export function readHeadersPolicy({ id, properties }: ResolvedResource): AddedHeaders {
  const config = properties.object('ResponseHeadersPolicyConfig');
  const security = config.object('SecurityHeadersConfig');
  const secure = Object.keys(config.record('SecurityHeadersConfig')).map((setting) => {
    const header = SECURITY_HEADERS[setting];
    if (header === undefined)
      throw new CannotRun(`${id}: the security header ${setting} cannot be honoured locally.`);
    return [header.name, header.valueOf(security.object(setting))] as const;
  });
  const custom = config.object('CustomHeadersConfig').objects('Items');
  return [...secure, ...custom.map((item) => [item.text('Header'), item.text('Value')] as const)];
}
