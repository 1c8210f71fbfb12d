/** What is in the image besides the program: a C library, certificates, and the users that runtimes look for. */
import { execFileSync } from 'node:child_process';
import type { TarEntry } from '../../generator/publish/tar.ts';
import { ensureTool } from '../tools.mjs';

/** The processors that the image is made for, as OCI names them, and what else is called by them. */
export const processors = {
  amd64: {
    target: 'linux-x64',
    libc: 'libc6-amd64',
    libraries: 'lib/x86_64-linux-gnu',
    loader: 'lib64/ld-linux-x86-64.so.2',
  },
  arm64: {
    target: 'linux-arm64',
    libc: 'libc6-arm64',
    libraries: 'lib/aarch64-linux-gnu',
    loader: 'lib/ld-linux-aarch64.so.1',
  },
} as const;

/** A processor that the image is made for. */
export type Processor = keyof typeof processors;

/** Where the folder is expected that the function may read files of: the folder that it starts in. */
export const workFolder = 'work';

/** kustomize runs functions as `nobody`, kpt too: an image without that user does not start. */
const users = 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n';
const groups = 'root:x:0:\nnogroup:x:65534:\n';

/** The files below all programs of the image; they change with the C library and the list of certificates alone. */
export async function baseFiles(processor: Processor): Promise<TarEntry[]> {
  return [
    { name: 'tmp', mode: 0o1777 },
    { name: workFolder },
    { name: 'etc/passwd', content: Buffer.from(users) },
    { name: 'etc/group', content: Buffer.from(groups) },
    { name: 'etc/nsswitch.conf', content: Buffer.from('hosts: files dns\n') },
    { name: 'etc/ssl/certs/ca-certificates.crt', content: await certificates() },
    ...(await libraryFiles(processor)),
  ];
}

/** Mozilla's list, as the pinned bun has it: that of the program itself. */
async function certificates(): Promise<Buffer> {
  const bun = await ensureTool('bun-linux-x64');
  const print = "for (const one of require('node:tls').rootCertificates) console.log(one.trim())";
  return execFileSync(bun, ['-e', print], { maxBuffer: 1 << 24 });
}

/** What the program is linked to, the loader by the name that the program knows it by, and the licence. */
const wanted =
  /\/(?:ld-linux-.*|lib(?:c|m|dl|pthread|rt|resolv|nss_dns|nss_files)\.so\.\d)$|\/doc\/libc6\/copyright$/;

async function libraryFiles(processor: Processor): Promise<TarEntry[]> {
  const { libc, libraries, loader } = processors[processor];
  const archive = execFileSync('dpkg-deb', ['--fsys-tarfile', await ensureTool(libc)], {
    maxBuffer: 1 << 28,
  });
  const files = regularFiles(archive).filter(({ name }) => wanted.test(name));
  const linked = files.find(({ name }) => /\/ld-linux-[^/]+$/.test(name));
  if (linked === undefined || !files.some(({ name }) => name === `${libraries}/libc.so.6`))
    throw new Error(`${libc} has no C library in ${libraries}`);
  return [...files, { name: loader, link: `/${linked.name}` }];
}

/** The ordinary files of an archive whose names are short, as those of Debian's packages are. */
function regularFiles(archive: Buffer): TarEntry[] {
  const found: TarEntry[] = [];
  const text = (at: number, length: number) =>
    archive.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= archive.length; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    if (text(at + 156, 1) === '0')
      found.push({
        name: text(at, 100).replace(/^\.\//, ''),
        content: archive.subarray(at + 512, at + 512 + size),
        mode: Number.parseInt(text(at + 100, 8), 8),
      });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}
