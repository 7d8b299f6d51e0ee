import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { authorization, type Json, ROOT } from '../support/emulator.ts';

/** Processes that write and are killed, and what of their writes has been acknowledged. */

const SERVED = join(__dirname, 'served.mjs');
const KEY = { ...authorization({ api_key: 'api_1', api_secret: 'secret' }), 'content-type': 'application/json' };

/** What may be asked of a file: a name, and what stands there; nothing where it is not there. */
export type State = Map<string, string>;

export interface Running {
  readonly child: ChildProcess;
  /** Resolves once it answers; rejects where it ends before. */
  readonly port: Promise<number>;
  /** What it has written to standard error. */
  said(): string;
  /** Kills it now. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts an emulator on a file. */
export function launch(db: string, release = '22.2'): Running {
  const child = spawn(process.execPath, [SERVED, join(ROOT, 'dist', 'index.js'), db, release]);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(Number(line)));
    child.once('close', () => reject(new Error(`it ended: ${said}`)));
  });
  port.catch(() => {});
  return {
    child,
    port,
    said: () => said,
    kill() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

/** What a write does to one name. */
interface Intent {
  readonly name: string;
  readonly after: string | undefined;
}

/** A client with a connection of its own, which makes one request after the other. */
export class Writer {
  /** What has been acknowledged, by name. */
  readonly acknowledged: State = new Map();
  /** What is under way, and may have happened or not. */
  underWay: Intent | undefined;
  writes = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #clusters: { name: string; href: string }[] = [];
  readonly #port: number;
  readonly #name: string;
  #count = 0;

  constructor(port: number, name: string) {
    this.#port = port;
    this.#name = name;
  }

  /**
   * Writes until the emulator is gone.
   * @param acknowledged called after each write
   * @param write anything when absent
   */
  async writeOn(acknowledged: () => void, write = () => this.#writeOne()): Promise<void> {
    try {
      for (;;) {
        await write();
        acknowledged();
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      this.#agent.destroy();
    }
  }

  async #writeOne(): Promise<void> {
    const kind = Math.random();
    const cluster = this.#clusters[Math.floor(Math.random() * this.#clusters.length)];
    if (kind < 0.08) return this.provision();
    if (kind < 0.2) return this.#bulk();
    if (kind < 0.5 || !cluster) return this.#create();
    if (kind < 0.8) return this.#change(cluster);
    return this.#remove(cluster);
  }

  async #create(): Promise<void> {
    const name = this.#fresh('cluster');
    const { href } = await this.#write({ name, after: '' }, 'POST', '/orgs/1/container_clusters', { name });
    this.#clusters.push({ name, href });
  }

  async #change({ name, href }: { name: string; href: string }): Promise<void> {
    const description = `written ${this.#count++}`;
    await this.#write({ name, after: description }, 'PUT', href, { description });
  }

  async #remove(cluster: { name: string; href: string }): Promise<void> {
    this.#clusters.splice(this.#clusters.indexOf(cluster), 1);
    await this.#write({ name: cluster.name, after: undefined }, 'DELETE', cluster.href);
  }

  /** Five workloads, or none. */
  async #bulk(): Promise<void> {
    const name = this.#fresh('bulk');
    const rows = [1, 2, 3, 4, 5].map((one) => ({ name: `${name} ${one}`, hostname: `${name}-${one}` }));
    await this.#write({ name, after: '5' }, 'PUT', '/orgs/1/workloads/bulk_create', rows);
  }

  /** Two drafts that come into force with one version of the policy, or do not. */
  async provision(): Promise<void> {
    const name = this.#fresh('policy');
    const drafts: Json[] = [];
    for (const one of [1, 2]) {
      const draft = `${name} ${one}`;
      const body = { name: draft, service_ports: [{ port: 443, proto: 6 }] };
      const made = await this.#write({ name: `draft ${draft}`, after: '1' }, 'POST', SERVICES, body);
      drafts.push({ href: made.href });
    }
    const body = { update_description: name, change_subset: { services: drafts } };
    await this.#write({ name, after: '2 in force, 1 version' }, 'POST', '/orgs/1/sec_policy', body);
  }

  /** A request of the emulator's own API. @returns once it is acknowledged */
  async control(method: string, path: string): Promise<void> {
    await this.#ask(method, `/_emulator${path}`, undefined);
  }

  async #write(intent: Intent, method: string, path: string, body?: Json): Promise<Json> {
    this.underWay = intent;
    return this.#ask(method, `/api/v2${path}`, body, () => {
      if (intent.after === undefined) this.acknowledged.delete(intent.name);
      else this.acknowledged.set(intent.name, intent.after);
      this.underWay = undefined;
      this.writes++;
    });
  }

  /** @param acknowledged called as soon as the status is there, whatever becomes of the body */
  #ask(method: string, path: string, body?: Json, acknowledged = () => {}): Promise<Json> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { ...KEY, 'content-length': Buffer.byteLength(text) };
    const where = { host: '127.0.0.1', port: this.#port, path, method, headers, agent: this.#agent };
    return new Promise((resolve, reject) => {
      const asked = request(where, (response) => {
        const { statusCode: status = 0 } = response;
        if (status < 300) acknowledged();
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          answer += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (status < 300) resolve(answer === '' ? undefined : JSON.parse(answer));
          else reject(new Error(`${method} ${path} was answered ${status}: ${answer}`));
        });
      });
      asked.on('error', reject).end(text);
    });
  }

  #fresh = (kind: string) => `${this.#name} ${kind} ${this.#count++}`;
}

const SERVICES = '/orgs/1/sec_policy/draft/services';

const isGone = (error: unknown): boolean =>
  ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(String((error as { code?: unknown }).code));

/** A copy of a file as the process has left it, with its log. */
export function copied(db: string): string {
  const copy = `${db}-copy`;
  for (const suffix of ['', '-wal', '-journal']) {
    if (existsSync(db + suffix)) copyFileSync(db + suffix, copy + suffix);
  }
  return copy;
}

/** What a file says under the names of `Writer`. */
export function stateOf(file: string): State {
  const database = new Database(file);
  try {
    const rows = (sql: string) => database.prepare(sql).raw().all() as [string, string][];
    const inForce = `SELECT substr(name, 1, length(name) - 2) AS plan FROM services
      WHERE href LIKE '%/active/%' AND name LIKE '% policy %'`;
    return new Map([
      ...rows("SELECT name, document ->> '$.description' FROM container_clusters"),
      ...rows(`SELECT substr(name, 1, length(name) - 2) AS bulk, CAST(count(*) AS TEXT) FROM workloads
        WHERE name LIKE '% bulk %' GROUP BY bulk`),
      ...rows("SELECT 'draft ' || name, '1' FROM services WHERE href LIKE '%/draft/%' AND name LIKE '% policy %'"),
      ...rows(`SELECT plan, sum(services) || ' in force, ' || sum(versions) || ' version' FROM (
          SELECT plan, 1 AS services, 0 AS versions FROM (${inForce})
          UNION ALL SELECT document ->> '$.commit_message', 0, 1 FROM sec_policies
        ) WHERE plan LIKE '% policy %' GROUP BY plan`),
    ]);
  } finally {
    database.close();
  }
}

/** Where what is in a file is not what must be there; what was under way may be there or not. */
export function deviations(found: State, acknowledged: State, underWay: readonly Intent[]): string[] {
  const names = new Set([...found.keys(), ...acknowledged.keys()]);
  return [...names].flatMap((name) => {
    const [value, wanted] = [found.get(name), acknowledged.get(name)];
    const may = underWay.some((intent) => intent.name === name && intent.after === value);
    return value === wanted || may ? [] : [`${name}: ${value ?? 'nothing'} instead of ${wanted ?? 'nothing'}`];
  });
}
