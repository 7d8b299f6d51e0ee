import { Refused } from './failures.ts';
import { bodyOf, type PceClient } from './pce-client.ts';

/** A cluster as the PCE knows it, with what its agent signs in by. */
export interface Cluster {
  /** `/orgs/1/container_clusters/<uuid>` */
  readonly href: string;
  readonly token: string;
}

/** What a user does before an agent can report, with an API key (as an Authorization header). */
export interface User {
  /** Makes a cluster. @throws Refused, Unreachable */
  create(org: number, name: string): Promise<Cluster>;
  /** Has the Default Profile of a cluster manage all namespaces that are still to come. @throws Refused, Unreachable */
  manage(cluster: Cluster): Promise<void>;
}

const DEFAULT_PROFILE = 'Default Profile';

export function createUser(client: PceClient, authorization: string): User {
  return {
    async create(org, name) {
      const path = `/api/v2/orgs/${org}/container_clusters`;
      const answer = await client.ask({ method: 'POST', path, authorization, body: JSON.stringify({ name }) });
      const { href, container_cluster_token: token } = bodyOf<Made>(answer);
      if (!href || !token) throw new Refused(`${answer.asked}: the answer has no href or no token`, answer.status);
      return { href, token };
    },
    async manage({ href }) {
      const path = `/api/v2${href}/container_workload_profiles`;
      const answer = await client.ask({ method: 'GET', path, authorization });
      const profile = bodyOf<readonly Profile[]>(answer).find(({ name }) => name === DEFAULT_PROFILE);
      if (!profile) throw new Refused(`${answer.asked}: there is no ${DEFAULT_PROFILE}`, answer.status);
      const body = JSON.stringify({ managed: true, enforcement_mode: 'visibility_only' });
      await client.ask({ method: 'PUT', path: `/api/v2${profile.href}`, authorization, body });
    },
  };
}

interface Made {
  readonly href?: string;
  readonly container_cluster_token?: string;
}

interface Profile {
  readonly href: string;
  /** Absent from the profiles that a namespace has made. */
  readonly name?: string;
}
