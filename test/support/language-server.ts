/** The YAML language server, as an editor starts it, without a network. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isObject, type JsonObject, maps } from '../../generator/model/json.ts';
import { toolEnv } from './find-tool.ts';
import { folderOf } from './folder.ts';

const server = fileURLToPath(
  new URL('../../node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url),
);

/** Tells of every connection that a program tries to make, and makes none. */
const noNetwork = `
const { Socket } = require('node:net');
Socket.prototype.connect = function (...words) {
  process.stderr.write('connects ' + JSON.stringify(words[0]) + '\\n');
  throw new Error('there is no network');
};`;

/** What is wrong at a place; lines and columns count from 1. */
export interface Diagnostic {
  readonly at: string;
  readonly severity: number;
  readonly message: string;
}

/** An editor with a folder open. */
export interface Editor {
  /** Opens a file, with another text if one is given, and waits for what is wrong in it. */
  open(file: string, text?: string): Promise<Diagnostic[]>;
  /** What may stand at a place: the labels. */
  complete(file: string, line: number, column: number): Promise<string[]>;
  /** What is told of a place. */
  hover(file: string, line: number, column: number): Promise<string>;
  /** What the server wrote on standard error: connections above all. */
  stderr(): string;
}

/** A server of the protocol, that is asked on its standard input. */
interface Connection {
  /** Sends a message that needs no answer. */
  send(message: object): void;
  ask(method: string, params: object): Promise<unknown>;
  /** Waits for what is wrong in a file. */
  diagnostics(uri: string): Promise<JsonObject[]>;
  stderr(): string;
}

/** Opens a folder; the server ends with the test. */
export async function openEditor(t: TestContext, folder: string): Promise<Editor> {
  const { send, ask, diagnostics, stderr } = connect(t);
  const uriOf = (file: string) => pathToFileURL(path.join(folder, file)).href;
  const at = (file: string, line: number, column: number) => ({
    textDocument: { uri: uriOf(file) },
    position: { line: line - 1, character: column - 1 },
  });
  const root = pathToFileURL(folder).href;
  await ask('initialize', {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: 'test' }],
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: { publishDiagnostics: {}, hover: { contentFormat: ['markdown'] }, completion: {} },
    },
  });
  send({ method: 'initialized', params: {} });
  let version = 0;
  return {
    async open(file, text = readFileSync(path.join(folder, file), 'utf8')) {
      version += 1;
      const uri = uriOf(file);
      const found = diagnostics(uri);
      send({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri, languageId: 'yaml', version, text } },
      });
      return (await found).map(({ range, severity, message }) => {
        const start = isObject(range) && isObject(range.start) ? range.start : {};
        return {
          at: `${Number(start.line) + 1}:${Number(start.character) + 1}`,
          severity: Number(severity),
          message: String(message),
        };
      });
    },
    async complete(file, line, column) {
      const result = await ask('textDocument/completion', at(file, line, column));
      const items = isObject(result) ? maps(result.items) : [];
      return items.map(({ label }) => String(label));
    },
    async hover(file, line, column) {
      const result = await ask('textDocument/hover', at(file, line, column));
      const contents = isObject(result) ? result.contents : undefined;
      return isObject(contents) ? String(contents.value) : '';
    },
    stderr,
  };
}

/** Starts the server, and answers what it asks itself. */
function connect(t: TestContext): Connection {
  const preload = path.join(folderOf(t, { 'no-network.cjs': noNetwork }), 'no-network.cjs');
  const child = spawn(process.execPath, ['--require', preload, server, '--stdio'], {
    env: toolEnv(),
    stdio: 'pipe',
  });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const waiting = new Map<number, (result: unknown) => void>();
  const told = new Map<string, (diagnostics: JsonObject[]) => void>();
  const send = (message: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  onMessages(child.stdout, (message) => {
    const { id, method, params } = message;
    if (method === undefined) return waiting.get(Number(id))?.(message.result);
    if (method === 'textDocument/publishDiagnostics' && isObject(params))
      return told.get(String(params.uri))?.(maps(params.diagnostics));
    // the settings that editors have, but for what is fetched; null for all else that is asked
    const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };
    const items = isObject(params) ? maps(params.items) : [];
    const result =
      method === 'workspace/configuration'
        ? items.map(({ section }) => (section === 'yaml' ? settings : {}))
        : null;
    if (id !== undefined) send({ id, result });
  });
  let ids = 0;
  return {
    send,
    ask(method, params) {
      ids += 1;
      const id = ids;
      send({ id, method, params });
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    diagnostics: (uri) => new Promise((resolve) => told.set(uri, resolve)),
    stderr: () => stderr,
  };
}

/** Reads messages behind their lengths. */
function onMessages(stream: Readable, receive: (message: JsonObject) => void): void {
  let buffered = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const end = buffered.indexOf('\r\n\r\n');
      const length = Number(
        /Content-Length: (\d+)/i.exec(buffered.subarray(0, Math.max(end, 0)).toString())?.[1],
      );
      if (end === -1 || buffered.length < end + 4 + length) return;
      const body = buffered.subarray(end + 4, end + 4 + length).toString();
      buffered = buffered.subarray(end + 4 + length);
      receive(JSON.parse(body) as JsonObject);
    }
  });
}
