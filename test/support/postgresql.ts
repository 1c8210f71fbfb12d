/** A real PostgreSQL on loopback, which asks for passwords. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from './control-plane/process.ts';
import { findTool, runTool, toolEnv } from './find-tool.ts';

/** A running server. */
export interface PostgreSql {
  readonly port: number;
  /** Runs SQL as the superuser, through a socket that asks for no password. */
  sql(statements: string): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root; `nobody` will do. */
const nobody = 65534;
const asRoot = process.getuid?.() === 0;
const runAs = asRoot ? { uid: nobody, gid: nobody } : {};

/** Starts a server with files of its own, on a free port. Throws where it does not come up. */
export async function startPostgreSql(): Promise<PostgreSql> {
  const postgres = findTool('postgresql');
  if (postgres === undefined) throw new Error('missing tool postgresql');
  const bin = dirname(realpathSync(postgres));
  const folder = mkdtempSync(join(tmpdir(), 'pg-'));
  if (asRoot) chownSync(folder, nobody, nobody);
  const data = join(folder, 'data');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const options = ['--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync', '--encoding=UTF8'];
    await finish(
      join(bin, 'initdb'),
      [`--pgdata=${data}`, '--username=postgres', '--no-locale', ...options],
      folder,
    );
    const [port = 0] = await freePorts(1);
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'fsync=off',
    ];
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    const server = spawn(postgres, args, { cwd: folder, env: toolEnv(), stdio: 'ignore', ...runAs });
    const kill = () => server.kill('SIGKILL');
    process.once('exit', kill);
    const psql = join(bin, 'psql');
    const connection = [
      '-h',
      folder,
      '-p',
      `${port}`,
      '-U',
      'postgres',
      '-v',
      'ON_ERROR_STOP=1',
      '-q',
      '-f',
      '-',
    ];
    const sql = async (statements: string) => {
      const { exitCode, stderr } = await runTool(psql, connection, { input: statements });
      if (exitCode !== 0) throw new Error(stderr);
    };
    await ready(() => sql('select 1'), server);
    return {
      port,
      sql,
      stop: async () => {
        process.off('exit', kill);
        await end(server);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function finish(program: string, args: string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, env: toolEnv(), stdio: ['ignore', 'ignore', 'pipe'], ...runAs });
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${log}`);
}

async function ready(ask: () => Promise<void>, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once('close', resolve));
  server.kill('SIGQUIT');
  await gone;
}
