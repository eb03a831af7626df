import { Duration } from 'aws-cdk-lib';
import { HeadersFrameOption, HeadersReferrerPolicy, ResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

export interface ConsoleHeadersProps {
  /** The addresses that the page calls beside its own origin, without a slash at their end. It may call all below them. */
  readonly called: readonly string[];
  /** The origins whose pages may show the console in a frame. */
  readonly frameOrigins: readonly string[];
}

/**
 * The headers of every file of the console. Its script and its style come from its own origin only, and neither may stand in
 * the page. So a name that somebody gives a key cannot become a script, whatever it holds.
 */
export class ConsoleHeaders extends ResponseHeadersPolicy {
  constructor(scope: Construct, id: string, { called, frameOrigins }: ConsoleHeadersProps) {
    super(scope, id, {
      comment: 'Keyward: the console',
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: contentSecurityPolicy({ called, frameOrigins }),
          override: true,
        },
        contentTypeOptions: { override: true },
        // The header knows no list of origins. Where pages of others may frame the console, the policy alone says which.
        ...(frameOrigins.length === 0 && {
          frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        }),
        // The address of a page may hold the code of a sign-in.
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(730),
          includeSubdomains: false,
          override: true,
        },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'Permissions-Policy', value: PERMISSIONS, override: true },
          // Every file is public, and pages of products load the script that puts the console into a frame.
          { header: 'Cross-Origin-Resource-Policy', value: 'cross-origin', override: true },
          { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
        ],
      },
    });
  }
}

/** The page copies secrets to the clipboard and uses nothing else that browsers ask for. */
const PERMISSIONS = 'clipboard-write=(self), camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** @see https://www.w3.org/TR/CSP3/ */
function contentSecurityPolicy({ called, frameOrigins }: ConsoleHeadersProps): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src ${["'self'", ...called.map((address) => `${address}/`)].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameOrigins.length === 0 ? "'none'" : frameOrigins.join(' ')}`,
  ].join('; ');
}
