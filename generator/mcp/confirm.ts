/**
 * Asks the user through the client. The question goes out as a result that the client has answered, and comes back with the
 * same call: what was asked comes with it, signed, so that a yes counts for this very question, once.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { failure } from '../model/finding.ts';
import type { InputRequiredResult, ServerContext } from './sdk.ts';
import { acceptedContent, createRequestStateCodec, inputRequired, inputResponse } from './sdk.ts';
import type { Question } from './tool.ts';

/** How long a question may wait for its answer, in seconds. */
const waitSeconds = 600;

/** How long a question may be, in characters: clients show it in a dialog. */
const longestQuestion = 12_000;

/** What was asked. */
interface Asked {
  readonly tool: string;
  readonly digest: string;
  readonly nonce: string;
}

/** A question that the client has to bring to the user. */
export class Unanswered extends Error {
  readonly question: Question;

  constructor(question: Question) {
    super('the user is to be asked');
    this.question = question;
  }
}

/** The questions of a server. */
export interface Confirmer {
  /** Whether what a client hands back was signed here; for the options of a server. */
  verify(state: string, context: ServerContext): Promise<unknown>;
  /**
   * Goes on behind a yes.
   *
   * @throws Unanswered, Failure
   */
  confirm(tool: string, question: Question, context: ServerContext): void;
  /** What a question that is to be asked is answered with. */
  result(tool: string, question: Question, context: ServerContext): Promise<InputRequiredResult>;
}

/** Makes the questions of a server, with a key that nobody else has. */
export function makeConfirmer(): Confirmer {
  // keyed, since what is asked about may have secrets in it
  const digestKey = randomBytes(32);
  const digestOf = ({ subject, title }: Question): string =>
    createHmac('sha256', digestKey)
      .update(JSON.stringify([title, subject]))
      .digest('hex');
  const codec = createRequestStateCodec<Asked>({ key: randomBytes(32), ttlSeconds: waitSeconds });
  /** Questions that were asked and are not answered. */
  const open = new Set<string>();
  return {
    verify: (state, context) => codec.verify(state, context),
    confirm(tool, question, context) {
      const asked = context.mcpReq.requestState<Asked>();
      const answer = inputResponse(context.mcpReq.inputResponses, 'confirm');
      const isOfThis =
        typeof asked === 'object' &&
        asked.tool === tool &&
        asked.digest === digestOf(question) &&
        open.delete(asked.nonce);
      if (!isOfThis || answer.kind !== 'elicit') throw new Unanswered(question);
      const content = acceptedContent<{ confirm?: unknown }>(context.mcpReq.inputResponses, 'confirm');
      if (answer.action === 'accept' && content?.confirm === true) return;
      throw failure(
        'not-confirmed',
        'the user did not agree; nothing was done',
        'ask the user what to do instead',
      );
    },
    async result(tool, question, context) {
      const nonce = randomBytes(16).toString('hex');
      open.add(nonce);
      return inputRequired({
        requestState: await codec.mint({ tool, digest: digestOf(question), nonce }, context),
        inputRequests: {
          confirm: inputRequired.elicit({
            message: shown(question.message),
            requestedSchema: {
              type: 'object',
              properties: {
                confirm: { type: 'boolean', title: `Yes, ${question.title}`, default: false },
              },
              required: ['confirm'],
            },
          }),
        },
      });
    },
  };
}

/** The message, which says where it ends before its end. */
function shown(message: string): string {
  const rest = message.length - longestQuestion;
  return rest <= 0
    ? message
    : `${message.slice(0, longestQuestion)}\n… and ${rest} more characters, not shown`;
}
