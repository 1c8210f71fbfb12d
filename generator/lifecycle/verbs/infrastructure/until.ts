/** Looking again and again at what takes its time. */
import { Failure, type Finding, finding, hasErrors } from '../../../model/finding.ts';
import { pause } from '../../api/pause.ts';
import { watchCertainty } from '../../rollout/certainty.ts';
import type { Problem } from '../../rollout/problem.ts';
import type { Session } from '../../session/session.ts';

/** How often is looked, in milliseconds. */
export const lookEveryMs = 1_000;

/** What a look has found out. */
export interface Look {
  /** How far it is. */
  readonly text: string;
  readonly isDone: boolean;
  readonly problems?: readonly Problem[];
  /** Why waiting cannot help. */
  readonly findings?: readonly Finding[];
}

/** Looks again and again until it is done. When the time is up, what it waited for is told besides. */
export async function until(session: Session, key: string, look: () => Promise<Look>): Promise<void> {
  const { report, signal } = session;
  const certain = watchCertainty();
  let last: Look | undefined;
  try {
    for (;;) {
      last = await look();
      const { text, isDone, problems = [], findings = [] } = last;
      const [first] = problems;
      report.progress(key, first === undefined || isDone ? text : `${text}; ${first.pod}: ${first.message}`);
      if (isDone) return;
      if (hasErrors(findings)) throw new Failure(findings);
      const hopeless = certain(problems, Date.now());
      if (hopeless.length > 0) throw new Failure(hopeless.map((problem) => problemFinding(key, problem)));
      await pause(lookEveryMs, signal);
    }
  } catch (error) {
    if (last === undefined || !(error instanceof Failure) || error !== signal.reason) throw error;
    const problems = (last.problems ?? []).map((problem) => problemFinding(key, problem));
    const state = finding('not-ready', `${key} is not ready: ${last.text}`, 'see its events and its pods');
    throw new Failure([...error.findings, state, ...problems]);
  }
}

function problemFinding(key: string, { code, message, hint, pod }: Problem): Finding {
  return finding(code, `${key}: ${pod === undefined ? '' : `pod ${pod}: `}${message}`, hint);
}
