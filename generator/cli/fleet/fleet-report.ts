/** How a command tells of many tenants: as events, or as text. */
import { leadOf } from '../../lifecycle/session/open-session.ts';
import { ledReport, type Report } from '../../lifecycle/session/report.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ClusterOptions } from '../commands/shared/cluster-command.ts';
import { findingsOf } from '../commands/shared/cluster-errors.ts';
import { createReport } from '../print/cluster-report.ts';
import { counting, countsOf } from './fleet-counts.ts';
import { createFleetText, type FleetReport, type FleetTelling } from './fleet-text.ts';

/** Lines for people, or with `json` one line of JSON for each event, in which `tenant` says whose it is. */
export function createFleetReport(
  json: boolean,
  { dir: _, ...options }: ClusterOptions,
  telling: Omit<FleetTelling, 'led'>,
): FleetReport {
  const led = (report: Report) => ledReport(report, leadOf(options));
  return json ? eventReport({ ...telling, led }) : createFleetText({ ...telling, led });
}

function eventReport({ io, texts, summarize, led }: FleetTelling): FleetReport {
  const counts = new Map<string, Map<string, number>>();
  const waveOf = new Map<string, string | undefined>();
  const event = (type: string, data: JsonObject) =>
    io.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), type, ...data })}\n`);
  const tell = (id: string, state: string, data: JsonObject = {}) => {
    const wave = waveOf.get(id);
    event('tenant', { tenant: id, ...(wave === undefined ? {} : { wave }), state, ...data });
  };
  const reportOf = (id: string) => {
    const own = (line: string) => `{"tenant":${JSON.stringify(id)},${line.slice(1)}`;
    return led(createReport({ ...io, stdout: { write: (line) => io.stdout.write(own(line)) } }, true, texts));
  };
  return {
    whole: led(createReport(io, true, texts)),
    of: (id) => counting(reportOf(id), counts.get(id) ?? new Map()),
    waveBegins({ name, tenants }) {
      for (const id of tenants) waveOf.set(id, name);
      event('wave', { ...(name === undefined ? {} : { wave: name }), tenants: [...tenants] });
    },
    begins(id) {
      counts.set(id, new Map());
      tell(id, 'running');
    },
    ends(id, outcome) {
      const counted = counts.get(id) ?? new Map<string, number>();
      counts.delete(id);
      if (outcome.state === 'failed') reportOf(id).findings(findingsOf(outcome.error));
      if (outcome.state !== 'done') return tell(id, outcome.state);
      tell(id, 'done', { message: summarize(outcome.value, counted), objects: Object.fromEntries(counted) });
    },
    waveEnds: () => {},
    waveIsSkipped({ name, tenants }) {
      for (const id of tenants) waveOf.set(id, name);
    },
    end(outcomes) {
      for (const [id, { state }] of outcomes) if (state === 'not-begun') tell(id, state);
      event('summary', { ...countsOf(outcomes) });
    },
    settle: () => {},
  };
}
