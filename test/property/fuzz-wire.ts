import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Sent } from './fuzz-requests.ts';

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends requests as they are over connections that stay. */
/** Whoever says nothing for so long says nothing. */
const SILENCE_MS = 10_000;

export type Wire = ReturnType<typeof createWire>;

export function createWire(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  return {
    /** @throws Error where the connection ends before the answer does */
    send({ method, path, search, headers, body }: Omit<Sent, 'isStraight'>): Promise<Received> {
      return new Promise((resolve, reject) => {
        const bytes = Buffer.from(body?.text ?? '', body?.encoding ?? 'utf8');
        const length = 'transfer-encoding' in headers ? {} : { 'content-length': bytes.length };
        const setHost = !('host' in headers);
        const sent = request({
          agent,
          hostname,
          port,
          method,
          path: path + search,
          headers: { ...headers, ...length },
          setHost,
        });
        sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error('no answer')));
        sent.on('error', reject);
        sent.on('response', (response) => {
          const { statusCode: status = 0, headers } = response;
          const chunks: Buffer[] = [];
          if (headers['content-type'] === 'text/event-stream') {
            response.destroy();
            return resolve({ status, headers, text: '' });
          }
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve({ status, headers, text: Buffer.concat(chunks).toString() }));
        });
        sent.end(bytes);
      });
    },
    close: () => agent.destroy(),
  };
}
