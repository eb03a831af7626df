/** For a profile whose credentials are all looked up by their digest. */
export const furtherKinds = () => ({});
