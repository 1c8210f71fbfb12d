/** What all tools of a server work on: one session on one repository, one call after the other. */
import type { SecretSources } from '../config/resolve.ts';
import type { At } from '../editor/files.ts';
import { openSession, type Session } from '../editor/session.ts';
import { Failure } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Tree } from '../tree/disk.ts';
import { makeVeil, type Veil } from './veil.ts';

/** An open session, and what keeps its secrets. */
export interface Open {
  readonly session: Session;
  readonly veil: Veil;
}

/** The desk of a server. */
export interface Desk {
  readonly tree: Tree;
  /**
   * Works on the session, as it is with what is on disk by now. Calls wait for each other.
   *
   * @throws Failure where there is no resource
   */
  use<T>(work: (open: Open) => Promise<T>): Promise<T>;
  /** A value without any text that is a secret of the files. */
  covered<T extends Json>(value: T): T;
  /** Is done when no call is at work. */
  idle(): Promise<void>;
}

/** Makes a desk; reads nothing yet, so that a repository may begin while the server runs. */
export function makeDesk(tree: Tree, env: SecretSources['env']): Desk {
  let open: Open | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const ready = async (): Promise<Open> => {
    if (open !== undefined) {
      await open.session.refresh();
      return open;
    }
    const session = await openSession(tree, env);
    open = { session, veil: makeVeil(session) };
    return open;
  };
  return {
    tree,
    use(work) {
      const done = last.then(async () => work(await ready()));
      last = done.catch(() => {});
      return done;
    },
    covered: (value) => {
      try {
        return open?.veil.over(value) ?? value;
      } catch (error) {
        if (error instanceof Failure) return value;
        throw error;
      }
    },
    async idle() {
      await last;
    },
  };
}

/** The file of the resource or of an environment, as findings name it. */
export function fileOf(session: Session, at: At): string {
  return session.loaded(at).sources[0]?.file ?? '';
}
