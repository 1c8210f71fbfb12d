/** A real container runtime, with images and containers of its own for one test file. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeAtExit } from './control-plane/process.ts';
import { findTool, runTool, type ToolRun, toolEnv } from './find-tool.ts';

/** Runs containers, and lets tools that look for `docker` run them too. */
export interface Containers {
  /** What a tool that starts containers is run with. */
  readonly env: Record<string, string>;
  /** Runs `docker ARGS`. */
  docker(args: string[], input?: string): Promise<ToolRun>;
}

/**
 * A runtime that pulls from this registry without TLS, and starts every container with a file system that cannot be
 * written, `/tmp` included.
 */
export function startContainers(registry: string): Containers {
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-containers-'));
  removeAtExit(folder);
  const files = {
    'storage.conf': `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/images"\nrunroot = "${folder}/run"\n`,
    'registries.conf': `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`,
    // the machine's own limits may not be raised
    'containers.conf':
      '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const podman = findTool('podman');
  const run = `if [ "$1" = run ]; then shift; exec ${podman} run --read-only --read-only-tmpfs=false "$@"; fi`;
  for (const name of ['docker', 'podman'])
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${run}\nexec ${podman} "$@"\n`, { mode: 0o755 });
  const env = {
    PATH: `${folder}${path.delimiter}${toolEnv().PATH}`,
    CONTAINERS_STORAGE_CONF: path.join(folder, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: path.join(folder, 'registries.conf'),
    // kpt looks at the version of what it takes for docker
    KRM_FN_RUNTIME: 'podman',
    KPT_FN_RUNTIME: 'podman',
    CONTAINERS_CONF: path.join(folder, 'containers.conf'),
  };
  return { env, docker: (args, input = '') => runTool(path.join(folder, 'docker'), args, { env, input }) };
}
