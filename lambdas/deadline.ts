/**
 * Waits for something no longer than it may take. It is not ended: what it does has to bear being left half done.
 * @throws when the time is over, or what the work throws before.
 */
export async function withinDeadline(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took more than ${milliseconds} ms.`)), milliseconds);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
