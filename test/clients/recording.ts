import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from '../../src/emulator.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { type ClientRecord, RECORDS } from '../support/clients.ts';

/**
 * What a client has called, told by the emulator's own journal: the routes that answered it well. A tick in the
 * README's table is there because of this alone.
 *
 * With RECORD_CLIENTS=1 in the environment the tests write the records anew; `npm run matrix` takes them into the README.
 */
export interface Recording {
  /** Listens to an emulator that nobody but this client talks to. */
  watch(emulator: Emulator): void;
  /** To be said last in a file: the test that the record is what was seen. */
  itIsOnRecord(): void;
}

const REWRITE = 'RECORD_CLIENTS=1 npx jest test/clients; npm run matrix';

const isGood = ({ status }: Entry) => status !== null && status < 300;

/**
 * @param version null where any will do
 * @param protocols what the client speaks; it is to call the same over each
 */
export function recordingOf(
  client: string,
  version: string | null,
  protocols: readonly Entry['protocol'][] = ['http', 'https'],
): Recording {
  const seen = { http: new Set<string>(), https: new Set<string>() };
  const calledOver = (protocol: Entry['protocol']) => [...seen[protocol]].sort();
  const file = join(RECORDS, `${client}.json`);
  return {
    watch(emulator) {
      emulator.requests.follow((entry) => {
        if (entry.route !== null && entry.implemented && isGood(entry)) seen[entry.protocol].add(entry.route);
      });
    },
    itIsOnRecord() {
      it(`${client} is on record with all that it called, and nothing else`, () => {
        const [routes = [], ...others] = protocols.map(calledOver);
        for (const other of others) expect(other).toEqual(routes);
        const record: ClientRecord = { client, version, routes };
        if (process.env.RECORD_CLIENTS && !process.env.CI) writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
        const how = `${REWRITE} writes it anew`;
        const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
        expect({ how, record: kept }).toEqual({ how, record });
      });
    },
  };
}
