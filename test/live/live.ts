import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readTranscriptFiles, type Transcript } from '../../src/contract/transcript.ts';
import { connect, knock } from './connection.ts';
import { type Outcome, replay } from './replay.ts';
import { jsonOf, progressOf, reportOf, summaryOf, withoutKey } from './report.ts';
import { Misuse, readSettings } from './settings.ts';

const EXAMPLE = 'PCE_LIVE_URL=https://pce.example.com:8443 PCE_LIVE_KEY=api_…:secret npm run live';

const HELP = `Plays transcripts to a real PCE and reports where it differs from them.

  ${EXAMPLE} -- [--json FILE]

  PCE_LIVE_URL       where the PCE is
  PCE_LIVE_KEY       an API key and its secret; it must be allowed to write
  PCE_LIVE_ORG       the number of the organisation; default 1
  PCE_LIVE_RELEASE   the release whose transcripts are the expectation; default 22.2
  PCE_LIVE_CA        a PEM file with the certificate authority to trust
  PCE_LIVE_INSECURE  1 trusts any certificate

  --json FILE        also write the report there, as JSON

It makes labels, clusters, profiles and pairing profiles of its own, and deletes them again.
Exit code: 0 no critical difference, 1 at least one, 2 it cannot be run so, 130 stopped.
`;

const TRANSCRIPTS = fileURLToPath(new URL('../../fixtures/transcripts', import.meta.url));
const ONE_KEYSTROKE_MS = 500;
const EXIT = { same: 0, critical: 1, misuse: 2, stopped: 130 };

const say = (text: string) => void process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const { json, help } = options();
  if (help) {
    process.stdout.write(HELP);
    return EXIT.same;
  }
  const settings = readSettings(process.env);
  const { origin, key, org, release } = settings;
  const transcripts = liveTranscriptsOf(release);
  const send = connect(settings);
  await knock(send, settings);

  const run = randomBytes(4).toString('hex');
  const stop = new AbortController();
  onSignal(stop, run);
  const outcomes: Outcome[] = [];
  for (const [index, transcript] of transcripts.entries()) {
    if (stop.signal.aborted) break;
    // Deleted labels can still be read: no transcript may find those of another.
    const word = `${run}-${String(index + 1).padStart(2, '0')}`;
    const outcome = await replay(transcript, { send, org, run: word, signal: stop.signal });
    outcomes.push(outcome);
    say(withoutKey(progressOf(outcome), key));
  }
  const found = { origin, org, release, run, outcomes };
  process.stdout.write(withoutKey(reportOf(found), key));
  if (json !== undefined) write(json, withoutKey(jsonOf(found), key));
  if (stop.signal.aborted) return EXIT.stopped;
  return summaryOf(outcomes).critical > 0 ? EXIT.critical : EXIT.same;
}

function options(): { json?: string; help: boolean } {
  try {
    return parseArgs({ options: { json: { type: 'string' }, help: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Misuse(`--json cannot be written: ${(error as Error).message}`);
  }
}

function liveTranscriptsOf(release: string): Transcript[] {
  const live = readTranscriptFiles(TRANSCRIPTS).filter((one) => one.live);
  const wanted = live.filter((one) => one.release === release);
  if (wanted.length > 0) return wanted;
  const releases = [...new Set(live.map((one) => one.release))].sort();
  throw new Misuse(`PCE_LIVE_RELEASE must be one of ${releases.join(', ')}; no transcript of ${release} can be played`);
}

/** The first signal lets what is under way end, and everything be deleted; the second does not wait. */
function onSignal(stop: AbortController, run: string): void {
  let first = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) {
        // npm passes on the Ctrl-C that the terminal has sent here already.
        if (Date.now() - first < ONE_KEYSTROKE_MS) return;
        say(`stopped at once; what was made has the word "${run}" in its name or value`);
        process.exit(EXIT.stopped);
      }
      first = Date.now();
      say('stopping: what was made is deleted first; once more to stop at once');
      stop.abort();
    });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    say(
      error instanceof Misuse
        ? `${error.message}\n\n  ${EXAMPLE}\n\nnpm run live -- --help tells all settings.`
        : (error.stack ?? error.message),
    );
    process.exitCode = EXIT.misuse;
  },
);
