import { type Answer, basic, type PceClient } from './pce-client.ts';
import type { Cluster } from './user.ts';

/** What an agent asks as its cluster. Paths are below the cluster's own: `services?refresh=true`. */
export interface Line {
  get(path: string): Promise<Answer>;
  /** @param body JSON */
  put(path: string, body: string): Promise<Answer>;
  post(path: string, body: string): Promise<Answer>;
}

/** Signs in with the UUID and the token of the cluster. */
export function createLine(client: PceClient, { href, token }: Cluster): Line {
  const authorization = basic(href.slice(href.lastIndexOf('/') + 1), token);
  const ask = (method: 'GET' | 'PUT' | 'POST') => (path: string, body?: string) =>
    client.ask({ method, path: `/api/v2${href}/${path}`, authorization, body });
  return { get: ask('GET'), put: ask('PUT'), post: ask('POST') };
}
