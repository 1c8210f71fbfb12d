/** Speaks over standard input and output, until the client is gone. */
import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport, serveStdio } from './sdk.ts';
import { prepareServer, type ServerOptions } from './server.ts';

/** More than any call has, in bytes. */
const largestMessage = 4 * 1024 * 1024;

/** A server that runs. */
export interface Serving {
  /** Is done when the client is gone and nothing is at work any more. */
  readonly ended: Promise<void>;
  /** Ends it. */
  close(): Promise<void>;
}

/** Serves. */
export function serve(options: ServerOptions, stdin: Readable, stdout: Writable): Serving {
  const { desk, make } = prepareServer(options);
  const transport = new StdioServerTransport(stdin, stdout, { maxBufferSize: largestMessage });
  const handle = serveStdio(make, { transport, onerror: options.onFault });
  const { onclose } = transport;
  const ended = new Promise<void>((resolve) => {
    transport.onclose = () => {
      onclose?.();
      // A save that is under way is finished, though nobody hears of it.
      void desk.idle().then(resolve);
    };
  });
  return { ended, close: () => handle.close() };
}
