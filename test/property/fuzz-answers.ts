import type { Schemas } from '../../src/contract/schemas.ts';
import { operationOf, type Sent, type Target } from './fuzz-requests.ts';
import type { Received } from './fuzz-wire.ts';
import type { FuzzWorld } from './fuzz-world.ts';

const EARLY = ['"bad_request_error"', '"request_header_fields_too_large_error"'];

/** What is wrong with an answer; nothing when it is as the contract has it. */
export function complaintsAbout(
  target: Target,
  { method, path, isStraight }: Sent,
  { status, headers, text }: Received,
  { document }: FuzzWorld,
  schemas: Schemas,
): string[] {
  const complaints: string[] = [];
  const media = headers['content-type'];
  const emulated = !path.startsWith('/_emulator');
  const isJson = media === 'application/json';
  if (status >= 500 && !(status === 501 && isJson && (method === 'HEAD' || text.includes('not_implemented'))))
    complaints.push('fails');
  // What is no request, for its form or its size, comes to no route.
  const isBroken = isJson && EARLY.some((token) => text.includes(token));
  const isNumbered = !isBroken && method !== 'OPTIONS' && media !== 'text/event-stream';
  if (isNumbered && !/^[0-9a-f-]{36}$/.test(String(headers['x-request-id']))) complaints.push('has no X-Request-Id');
  if (isStraight && !isBroken) {
    const promised = operationOf(target, document).responses;
    if (!(status in promised)) complaints.push(`is none of ${Object.keys(promised)}`);
    else if (status < 300) {
      const wanted = Object.keys(promised[status].content ?? {});
      if (!wanted.includes(String(media?.split(';')[0])) && wanted.length > 0)
        complaints.push(`is ${media}, not ${wanted}`);
    }
  }
  if (text === '') return complaints;
  if (status === 204 || method === 'HEAD') complaints.push('has a body');
  if (status < 400) return complaints;
  if (!isJson) return [...complaints, `is ${media}`];
  // What comes to no route, the PCE's API refuses.
  const problem = emulated || isBroken ? 'common#problems' : 'emulator/status#problem';
  const [wrong] = schemas.check(problem, JSON.parse(text));
  return wrong ? [...complaints, `refuses in other words: #${wrong.path} ${wrong.message}`] : complaints;
}
