import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Answer, Client, Json } from '../../support/emulator.ts';

/** What came back, byte for byte, but for what is another in every answer: its time and its id. */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** A request with header lines as they are, also such as no HTTP client would send. */
export interface Line {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body?: string;
}

/** How many requests are on their way at a time. */
const AT_A_TIME = 100;

/** One connection that stays open, on which requests follow each other without waiting for answers. */
export class Connection {
  private readonly socket: Socket;
  private arrived = '';
  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.arrived += text;
    });
  }

  static async to(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** The answers, in the order of the requests. @throws Error where the connection ends before all are there */
  async ask(lines: readonly Line[]): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (let from = 0; from < lines.length; from += AT_A_TIME) {
      const some = lines.slice(from, from + AT_A_TIME);
      this.socket.write(some.map(written).join(''), 'latin1');
      for (const { method, path } of some) replies.push(await this.next(`${method} ${path}`, method === 'HEAD'));
    }
    return replies;
  }

  /** A client as other tests have it, of an API whose paths begin with `prefix`. */
  client(prefix: string, headers: readonly string[]): Client {
    const send = async (method: string, path: string, body?: Json, more: object = {}): Promise<Answer> => {
      const own = Object.entries(more).map(([name, value]) => `${name}: ${value}`);
      const text = body === undefined ? undefined : JSON.stringify(body);
      const line = { method, path: prefix + path, headers: [...headers, ...own], body: text };
      const [reply] = await this.ask([line]);
      if (!reply) throw new Error('no reply');
      return { ...reply, body: reply.text === '' ? {} : JSON.parse(reply.text) };
    };
    return {
      get: (path, more) => send('GET', path, undefined, more),
      post: (path, body = {}, more = {}) => send('POST', path, body, more),
      put: (path, body = {}, more = {}) => send('PUT', path, body, more),
      delete: (path, more) => send('DELETE', path, undefined, more),
    };
  }

  end(): void {
    this.socket.destroy();
  }

  private async next(request: string, isHead: boolean): Promise<Reply> {
    for (;;) {
      const taken = replyIn(this.arrived, isHead);
      if (taken) {
        this.arrived = this.arrived.slice(taken.length);
        return taken.reply;
      }
      if (this.socket.destroyed || this.socket.readableEnded) {
        throw new Error(`the connection ended before the answer to ${request}: ${this.arrived}`);
      }
      await new Promise<void>((resolve) => {
        const go = () => {
          for (const event of ['data', 'end', 'close', 'error']) this.socket.off(event, go);
          resolve();
        };
        for (const event of ['data', 'end', 'close', 'error']) this.socket.on(event, go);
      });
    }
  }
}

function written({ method, path, headers, body }: Line): string {
  const more =
    body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  const payload = body === undefined ? '' : Buffer.from(body).toString('latin1');
  return `${[`${method} ${path} HTTP/1.1`, 'Host: localhost', ...headers, ...more, '', ''].join('\r\n')}${payload}`;
}

/** The answer at the beginning of a text, and how long it is; undefined where it is not there in full. */
function replyIn(text: string, isHead: boolean): { reply: Reply; length: number } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const { date: _date, 'x-request-id': _id, connection: _connection, 'keep-alive': _alive, ...kept } = headers;
  if (kept['transfer-encoding'] !== undefined && !isHead)
    throw new Error(`this test reads no answer in chunks: ${first}`);
  const bytes = isHead || status === 204 ? 0 : Number(kept['content-length'] ?? 0);
  const length = end + 4 + bytes;
  if (text.length < length) return undefined;
  const body = Buffer.from(text.slice(end + 4, length), 'latin1').toString();
  return { reply: { status, headers: kept, text: body }, length };
}
