import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Protocol, Server } from '../control/server.ts';
import { authorization, type Json } from '../support/emulator.ts';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Json;
}

/** A connection, byte for byte. */
export interface Raw {
  readonly socket: Socket;
  send(text: string | Buffer): void;
  /** Everything that has come so far. */
  received(): string;
  /** Resolves once so much has come that `enough` says yes to it. Rejects when the connection ends before. */
  until(enough: (text: string) => boolean): Promise<string>;
  /** Resolves with everything that came, once the other side is done. */
  readonly ended: Promise<string>;
}

/** Opens a connection to an emulator, which the end of the test need not close. */
export async function open(server: Server, protocol: Protocol = 'http'): Promise<Raw> {
  const port = Number(new URL(server.emulator.url).port);
  const socket: Socket =
    protocol === 'https'
      ? tlsConnect({ port, host: '127.0.0.1', ca: server.emulator.ca })
      : connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await new Promise((resolve, reject) => {
    socket.once(protocol === 'https' ? 'secureConnect' : 'connect', resolve).once('error', reject);
  });
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const ended = new Promise<string>((resolve) => {
    const over = () => {
      socket.destroy();
      resolve(text);
    };
    socket.once('end', over).once('close', over);
  });
  return {
    socket,
    send: (more) => void socket.write(more, 'latin1'),
    received: () => text,
    until: (enough) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (enough(text)) resolve(text);
        };
        socket.on('data', look);
        ended.then(() => (enough(text) ? resolve(text) : reject(new Error(`it ended after ${JSON.stringify(text)}`))));
        look();
      }),
    ended,
  };
}

/** Sends bytes over a connection of their own. @returns everything that came until it ended */
export async function ask(server: Server, text: string | Buffer): Promise<string> {
  const raw = await open(server);
  raw.send(text);
  return raw.ended;
}

/** The head of a request by the owner of the first organisation. */
export function head(server: Server, line: string, ...fields: string[]): string {
  const { authorization: credentials } = authorization(server.emulator.credentials);
  return [`${line} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: ${credentials}`, ...fields, '', ''].join('\r\n');
}

/** The answers in what came over a connection; each says how long it is, or is of no length. */
export function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.replace(/^[^:]*: */, '')]),
    );
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
    if (end < 0 || !status) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const body = rest.slice(end + 4, end + 4 + Number(headers['content-length'] ?? 0));
    answers.push({ status, headers, body: body === '' ? undefined : JSON.parse(body) });
    rest = rest.slice(end + 4 + body.length);
  }
  return answers;
}

export const statusesIn = (text: string): number[] => answersIn(text).map(({ status }) => status);
