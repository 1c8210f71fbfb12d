/** What is done and why, for who asks for it with `-v`. Nobody listens otherwise, and then nothing is put together. */
const listeners = new Set<(words: string) => void>();

/**
 * Tells of a step.
 *
 * @param words what is done and why, on one line; never a value of a secret, nor words of a program that may hold one
 */
export function trace(words: () => string): void {
  if (listeners.size === 0) return;
  const said = words();
  for (const hear of listeners) hear(said);
}

/** Listens to the steps; gives the way to stop. */
export function listen(hear: (words: string) => void): () => void {
  listeners.add(hear);
  return () => {
    listeners.delete(hear);
  };
}
