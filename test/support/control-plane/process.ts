/** Servers that a test starts: they end with this process at the latest, and do not keep it alive. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findTool, type ToolName, toolEnv } from '../find-tool.ts';

/** A server that runs. */
export interface Started {
  /** Why the process ended, once it has. */
  ended(): string | undefined;
  stop(): Promise<void>;
}

/** Starts a tool with a working directory, which gets its log; throws where the tool is missing. */
export function startTool(tool: ToolName, args: readonly string[], folder: string): Started {
  const path = findTool(tool);
  if (path === undefined) throw new Error(`missing tool ${tool} (get it: node scripts/tools.mjs ${tool})`);
  const log = join(folder, `${tool}.log`);
  const stderr = openSync(log, 'a');
  const child = spawn(path, args, { cwd: folder, env: toolEnv(), stdio: ['ignore', 'ignore', stderr] });
  closeSync(stderr);
  children.add(child);
  // A test process that forgets a server still comes to its end.
  child.unref();
  return {
    ended: () =>
      running(child) ? undefined : `${tool} ended early:\n${readFileSync(log, 'utf8').slice(-4000)}`,
    stop: async () => {
      await end(child);
      children.delete(child);
    },
  };
}

/** Removes a folder when this process ends, after the servers in it; the function returned does it at once. */
export function removeAtExit(folder: string): () => void {
  folders.add(folder);
  return () => {
    folders.delete(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

const children = new Set<ChildProcess>();
const folders = new Set<string>();

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function running(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!running(child)) return;
  child.ref();
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(timer);
}

/**
 * Ports that nothing listened on a moment ago, all different. They are below those that systems give to outgoing
 * connections (from 32768 on), which could take one before its server does, or while it is away.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
