/** Whether an API treats a media type as binary; `image/*` and `*\/*` in its list stand for whole families. */
export function isBinary(binaryMediaTypes: readonly string[], mediaType: string | undefined): boolean {
  if (binaryMediaTypes.includes('*/*')) return true;
  // "API Gateway only honors the first Accept media type", Amazon API Gateway important notes.
  const first = mediaType?.split(/[,;]/)[0]?.trim().toLowerCase();
  if (!first) return false;
  return binaryMediaTypes
    .map((declared) => declared.toLowerCase())
    .some(
      (declared) =>
        declared === first || (declared.endsWith('/*') && first.startsWith(declared.slice(0, -1))),
    );
}
