import profile from '#product-profile' with { type: 'json' };

/** What the samples for any product read of the profile that they are bundled with. */
interface ProductData {
  readonly name: string;
  readonly scopes?: readonly { readonly grants: readonly string[] }[];
  readonly public_routes?: readonly string[];
  readonly mcp?: { readonly tools?: readonly string[] };
}

const { name, scopes = [], public_routes, mcp } = profile as unknown as ProductData;

export const PRODUCT = name;

export const PUBLIC_ROUTES: readonly string[] = public_routes ?? [];

/** The tools that the profile lists; without a list those that its scopes name, but for administering keys. */
export const TOOLS: readonly string[] = mcp?.tools ?? [
  ...new Set(scopes.flatMap(({ grants }) => grants).filter(isTool)),
];

function isTool(grant: string): boolean {
  return /^[\w.-]+$/.test(grant) && grant !== 'keyward.administer';
}
