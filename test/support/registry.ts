/** A real registry on loopback. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts, removeAtExit, startTool } from './control-plane/process.ts';

/** A registry that runs until this process ends, or until it is stopped. */
export interface Registry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  stop(): Promise<void>;
}

/** What a registry asks for. */
export interface RegistryOptions {
  /** The file of users, as Apache's htpasswd writes it with bcrypt; @default nobody has to log in */
  readonly users?: string;
}

/** Starts an empty registry that keeps what it has in a temporary folder; throws where the tool is missing. */
export async function startRegistry({ users }: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-registry-'));
  const remove = removeAtExit(folder);
  const [port = 0] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: path.join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: host, secret: 'of this test alone' },
    ...(users === undefined
      ? {}
      : { auth: { htpasswd: { realm: 'test', path: path.join(folder, 'users') } } }),
  };
  if (users !== undefined) writeFileSync(path.join(folder, 'users'), users);
  // YAML takes JSON
  writeFileSync(path.join(folder, 'config.yml'), JSON.stringify(config));
  const server = startTool('docker-registry', ['serve', 'config.yml'], folder);
  await untilItAnswers(`http://${host}/v2/`, server.ended);
  const stop = async () => {
    await server.stop();
    remove();
  };
  return { host, stop };
}

async function untilItAnswers(address: string, ended: () => string | undefined): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await fetch(address);
      return;
    } catch (error) {
      const why = ended();
      if (why !== undefined || attempt > 300)
        throw new Error(why ?? 'the registry does not answer', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
