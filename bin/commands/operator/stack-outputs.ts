/** The outputs of a stack, by their names. */
export type Outputs = ReadonlyMap<string | undefined, string | undefined>;

/**
 * Finds one output of a deployment. Those of a `DataStack` have the name itself. Those of a `Keyward` in another stack have its id in
 * front, such as `KeysRecordsTable`.
 * @returns `undefined` where the stack has none.
 * @throws where the stack holds several deployments, since one would be as good as the other.
 */
export function findOutput(outputs: Outputs, name: string, stackName: string): string | undefined {
  const exact = outputs.get(name);
  if (exact !== undefined) return exact;
  const found = [...outputs].filter(([key]) => key?.endsWith(name));
  const [first, ...others] = found;
  if (others.length === 0) return first?.[1];
  const names = found.map(([key]) => key).join(', ');
  throw new Error(
    `The stack ${stackName} holds several deployments (${names}): name the tables with --tables.`,
  );
}
