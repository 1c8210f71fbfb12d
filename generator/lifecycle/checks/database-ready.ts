/** Whether the database is there. */
import { advise } from '../../model/command.ts';
import { finding } from '../../model/finding.ts';
import { apiPath, findType, groupKind } from '../api/resources.ts';
import { databaseState } from '../state/database.ts';
import { type Check, may } from './context.ts';

/** A database in the cluster is ready; of one elsewhere it says that it is not looked at. */
export const checkDatabase: Check = async (preflight) => {
  const { session, database } = preflight;
  const { client, report, target } = session;
  if (database.object === undefined) {
    report.say('the database is not in the cluster, so it is unchecked', { database: 'unchecked' });
    return [];
  }
  const { type, name } = database.object;
  const what = `${groupKind({ kind: type.kind.toLowerCase(), group: type.group })}/${name}`;
  if (target.objects.some(({ kind, metadata }) => kind === type.kind && metadata.name === name)) return [];
  if (!(await may(preflight, 'get', type, target.namespace, name))) return [];
  const install = `run ${advise('database-missing')`glyphoxa-kustomize infrastructure ${target.name}`}`;
  const apiVersion = `${type.group}/${type.version}`;
  if ((await findType(client, { apiVersion, kind: type.kind })) === undefined) {
    const message = `the database ${what} is not there, and neither is the CloudNativePG operator`;
    return [finding('database-missing', message, install)];
  }
  const object = await client.get(apiPath(type, target.namespace, name));
  if (object === undefined) {
    return [finding('database-missing', `the database ${what} is not there in ${target.namespace}`, install)];
  }
  const { ready, instances, missing } = databaseState(object);
  const why = missing === undefined ? '' : `: ${missing}`;
  if (ready === 0) {
    const hint = `wait until it is ready: ${advise('database-not-ready')`kubectl -n ${target.namespace} get ${`${type.plural}.${type.group}`} ${name}`} and its pods tell how far it is`;
    return [finding('database-not-ready', `the database ${what} is not ready${why}`, hint)];
  }
  if (ready >= instances) return [];
  const message = `the database ${what} has ${ready} of ${instances} instances ready${why}`;
  return [finding('database-degraded', message, 'see its pods', 'warning')];
};
