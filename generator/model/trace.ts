/** What is done and why, for who asks for it with `-v`. Nobody listens otherwise, and then nothing is put together. */
import { channel } from 'node:diagnostics_channel';

const steps = channel('glyphoxa-kustomize');

/**
 * Tells of a step.
 *
 * @param words what is done and why, on one line; never a value of a secret, nor words of a program that may hold one
 */
export function trace(words: () => string): void {
  if (steps.hasSubscribers) steps.publish(words());
}

/** Listens to the steps; gives the way to stop. */
export function listen(hear: (words: string) => void): () => void {
  const heard = (words: unknown) => hear(String(words));
  steps.subscribe(heard);
  return () => {
    steps.unsubscribe(heard);
  };
}
