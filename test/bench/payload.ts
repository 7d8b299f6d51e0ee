import { createAsker } from './asking.ts';
import { PAYLOAD_PATHS, type Payload } from './cases.ts';
import type { Server } from './servers.ts';

/** What an emulator with the 500 clusters answers, for all others to send the same. */
export async function payloadOf(emulator: Server): Promise<Payload> {
  const asker = createAsker(emulator);
  const answer = async (part: keyof Payload) => JSON.parse((await asker.ask('GET', PAYLOAD_PATHS[part])).text);
  const payload = { one: await answer('one'), list: await answer('list'), few: await answer('few') };
  asker.close();
  return payload;
}
