/** Questions and answers, one after another, on a terminal of any kind or on standard input. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';

/** Asks. */
export interface Asker {
  say(text: string): void;
  /** The answer; undefined when there are no more. */
  ask(question: string): Promise<string | undefined>;
  /** The same, and what is typed is not shown; a paste of several lines is one answer. */
  askHidden(question: string): Promise<string | undefined>;
  /** Gives up on what is asked. */
  close(): void;
}

/** Opens a terminal for questions; what is typed ahead, or comes from a file, answers the next ones. */
export function openAsker(input: ReadStream, output: WriteStream, onBreak: () => void): Asker {
  const isTerminal = input.isTTY === true;
  let isHidden = false;
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!isHidden) output.write(chunk);
      done();
    },
  });
  const questions = createInterface({ input, output: shown, terminal: isTerminal, historySize: 0 });
  const lines: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  let isOver = false;
  questions.on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next(line);
  });
  questions.on('SIGINT', onBreak);
  questions.on('close', () => {
    isOver = true;
    for (const next of waiting.splice(0)) next(undefined);
  });
  const ask = (question: string): Promise<string | undefined> => {
    const line = lines.shift();
    questions.setPrompt(question);
    if (line !== undefined || isOver) {
      output.write(line === undefined ? '' : `${question}\n`);
      return Promise.resolve(line);
    }
    questions.prompt();
    return new Promise((resolve) => void waiting.push(resolve));
  };
  /** What comes at once behind an answer: the other lines of a paste, in as many pieces as the terminal cuts it. */
  const rest = async (): Promise<string> => {
    let known: string;
    let now = '';
    do {
      known = now;
      await new Promise((resolve) => setTimeout(resolve, 100));
      now = [...lines, questions.line].join('\n');
    } while (now !== known);
    lines.length = 0;
    questions.write(null, { ctrl: true, name: 'u' });
    return now.replace(/\n$/, '');
  };
  return {
    say: (text) => void output.write(`${text}\n`),
    ask,
    async askHidden(question) {
      if (!isTerminal) return ask(question);
      output.write(question);
      isHidden = true;
      const answer = await ask('');
      const pasted = answer === undefined ? '' : await rest();
      isHidden = false;
      output.write('\n');
      return pasted === '' ? answer : `${answer}\n${pasted}`;
    },
    close: () => questions.close(),
  };
}
