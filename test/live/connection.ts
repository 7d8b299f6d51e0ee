import http from 'node:http';
import https from 'node:https';
import type { Send } from './replay.ts';
import { Misuse, type Settings } from './settings.ts';

const PATIENCE_MS = 30_000;

/**
 * A way to ask the PCE. Each request has a connection of its own: a kept one may break just as a POST goes out,
 * which could not be sent again. Redirects are not followed, so that the key goes nowhere else.
 */
export function connect({ origin, key, ca, insecure }: Omit<Settings, 'org' | 'release'>): Send {
  const start = origin.startsWith('https:') ? https.request : http.request;
  const authorization = `Basic ${Buffer.from(key).toString('base64')}`;
  return ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const options: https.RequestOptions = {
        method,
        headers: {
          accept: 'application/json',
          authorization,
          ...lowerCase(headers),
          ...(body && { 'content-length': Buffer.byteLength(body) }),
        },
        agent: false,
        ca,
        rejectUnauthorized: !insecure,
        timeout: PATIENCE_MS,
      };
      const request = start(new URL(path, origin), options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: oneEach(response.headers), text }),
        );
        response.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`nothing came for ${PATIENCE_MS / 1000} seconds`)));
      request.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.message || error.code)));
      request.end(body);
    });
}

const lowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const oneEach = (headers: http.IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));

/** Sees that there is a PCE that takes the key, before anything is made. @throws Misuse */
export async function knock(send: Send, { origin, org }: Pick<Settings, 'origin' | 'org'>): Promise<void> {
  const path = `/api/v2/orgs/${org}/labels?max_results=1`;
  const { status } = await send({ method: 'GET', path, headers: {}, body: '' }).catch((error: Error) => {
    throw new Misuse(`there is no answer from ${origin}: ${error.message}. ${adviceOn(error)}`);
  });
  if (status === 401) throw new Misuse(`${origin} does not take PCE_LIVE_KEY (401)`);
  if (status === 403) throw new Misuse(`PCE_LIVE_KEY may not read organisation ${org} (403); see PCE_LIVE_ORG`);
  if (status !== 200) throw new Misuse(`GET ${path} answers ${status}; is ${origin} a PCE?`);
}

const adviceOn = ({ message }: Error) =>
  /certificate|self.signed|issuer/i.test(message)
    ? 'PCE_LIVE_CA names a PEM file with the authority to trust'
    : 'See PCE_LIVE_URL';
