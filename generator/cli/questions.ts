import type { Io } from './io.ts';

/** Asks on a terminal, one question after the other. */
export interface Questions {
  /** The answer; undefined where it is empty, and where nobody is there to ask. */
  (question: string): Promise<string | undefined>;
  /** Lets the terminal go. */
  close(): void;
}

/** Opens the terminal for questions. What is typed ahead, or comes in one piece, answers the next ones. */
export function openQuestions(io: Io): Questions {
  const chunks = io.stdin[Symbol.asyncIterator]();
  let typed = '';
  let isOver = false;
  const line = async (): Promise<string> => {
    while (!typed.includes('\n') && !isOver) {
      const { value, done } = await chunks.next();
      if (done === true) isOver = true;
      else typed += String(value);
    }
    const end = typed.includes('\n') ? typed.indexOf('\n') : typed.length;
    const first = typed.slice(0, end).trim();
    typed = typed.slice(end + 1);
    return first;
  };
  const ask = async (question: string) => {
    if (!io.isTTY) return undefined;
    io.stderr.write(question);
    const answer = await line();
    // Ctrl-D leaves the cursor behind the question.
    if (isOver && answer === '') io.stderr.write('\n');
    return answer === '' ? undefined : answer;
  };
  return Object.assign(ask, { close: () => void chunks.return?.() });
}
