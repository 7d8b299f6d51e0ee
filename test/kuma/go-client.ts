import { connect } from 'node:net';

export interface GoAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface GoClient {
  send(method: string, path: string, headers?: Readonly<Record<string, string>>, body?: string): Promise<GoAnswer>;
  close(): void;
}

/** Sends what Go's HTTP client sends, byte for byte, over one connection that it keeps. */
export async function goClient(url: string): Promise<GoClient> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = Buffer.alloc(0);
  socket.on('data', (part) => {
    received = Buffer.concat([received, part]);
  });
  const more = () =>
    new Promise<void>((resolve, reject) => {
      const ended = () => reject(new Error(`the connection ended after ${JSON.stringify(received.toString())}`));
      socket.once('data', () => {
        socket.off('close', ended);
        resolve();
      });
      socket.once('close', ended);
    });
  return {
    async send(method, path, headers = {}, body) {
      const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
      const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const first = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'User-Agent: Go-http-client/1.1'];
      socket.write([...first, ...length, ...given, 'Accept-Encoding: gzip', '', body ?? ''].join('\r\n'));
      while (!received.includes('\r\n\r\n')) await more();
      const end = received.indexOf('\r\n\r\n');
      const [line = '', ...fields] = received.subarray(0, end).toString('latin1').split('\r\n');
      const told = fields.map((field) => /^([^:]+): *(.*)$/.exec(field) ?? []);
      const answered = Object.fromEntries(told.map(([, name = '', value = '']) => [name.toLowerCase(), value]));
      const last = end + 4 + Number(answered['content-length']);
      while (received.length < last) await more();
      const text = received.subarray(end + 4, last).toString();
      received = received.subarray(last);
      return { status: Number(line.split(' ')[1]), headers: answered, text };
    },
    close: () => void socket.destroy(),
  };
}
