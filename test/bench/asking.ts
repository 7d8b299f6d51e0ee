import { Agent, request } from 'node:http';

/** Asks a server over one connection, one request after the other. */
export interface Asker {
  /** @returns milliseconds until all of the answer is there. @throws Error where it is not a success */
  time(method: 'GET' | 'POST' | 'PUT', path: string, body?: string): Promise<number>;
  /** The answer as text, with its headers. @throws Error where it is not a success */
  ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: string): Promise<Answer>;
  close(): void;
}

export interface Answer {
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export function createAsker({ url, authorization }: { readonly url: string; readonly authorization: string }): Asker {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask: Asker['ask'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const about = body === undefined ? {} : { 'content-type': 'application/json' };
      const sent = request(url + path, { method, agent, headers: { authorization, ...about } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => void parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const [text, status = 0] = [Buffer.concat(parts).toString(), response.statusCode];
          if (status >= 200 && status < 300) resolve({ text, headers: response.headers });
          else reject(new Error(`${method} ${path} answers ${status}: ${text.slice(0, 300)}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    ask,
    async time(method, path, body) {
      const before = performance.now();
      await ask(method, path, body);
      return performance.now() - before;
    },
    close: () => agent.destroy(),
  };
}
