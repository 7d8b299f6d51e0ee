import { Refused } from './failures.ts';
import type { PceClient } from './pce-client.ts';

/**
 * Makes what finds out whether pods can be told of: the emulator takes them, at a route of its own. A PCE learns of
 * them from node agents. It asks once.
 * @param note told the reason when they cannot
 */
export function createPodsCheck(client: PceClient, note: (line: string) => void): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  const ask = async () => {
    const takesThem = await isEmulator(client);
    if (!takesThem) note('pods are reported by node agents, whose protocol is not public; skipped');
    return takesThem;
  };
  return () => {
    answer ??= ask().catch((error) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}

async function isEmulator(client: PceClient): Promise<boolean> {
  try {
    const { text } = await client.ask({ method: 'GET', path: '/_emulator/ready' });
    return (JSON.parse(text) as { status?: unknown } | null)?.status === 'ready';
  } catch (error) {
    if (error instanceof Refused || error instanceof SyntaxError) return false;
    throw error;
  }
}
