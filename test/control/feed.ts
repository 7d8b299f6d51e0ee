import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Json } from '../support/emulator.ts';
import type { Protocol, Server } from './server.ts';

/** A feed of server-sent events that is being read. */
export interface Feed {
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly { readonly id: string; readonly event: string; readonly data: Json }[];
  /** All of it, as it came. */
  text(): string;
  leave(): void;
}

/** Opens a feed of the emulator's own API. */
export function openFeed(
  server: Server,
  path: string,
  protocol: Protocol = 'http',
  headers: Record<string, string> = {},
): Promise<Feed> {
  const open = protocol === 'https' ? httpsRequest : httpRequest;
  const options = { agent: false as const, headers, ...(protocol === 'https' && { ca: server.emulator.ca }) };
  return new Promise((resolve, reject) => {
    const request = open(`${server.origin(protocol)}/_emulator${path}`, options, (response) => {
      const events: { id: string; event: string; data: Json }[] = [];
      let [text, rest] = ['', ''];
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks.filter((one) => !one.startsWith(':'))) events.push(eventOf(block));
      });
      response.on('error', () => {});
      resolve({ headers: response.headers, events, text: () => text, leave: () => request.destroy() });
    });
    request.on('error', reject);
    request.end();
  });
}

function eventOf(block: string) {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/, 2)));
  return { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
}
