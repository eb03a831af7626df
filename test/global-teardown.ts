export default async function tearDown(): Promise<void> {
  // Where jest runs suites in its own process, products run there as well.
  await globalThis.stopRunningProducts?.();
  await globalThis.tearDown?.();
}
