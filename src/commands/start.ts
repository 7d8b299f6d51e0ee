import { type Emulator, emulatorVersion, startEmulator } from '../emulator.ts';
import { print, type Values } from './arguments.ts';
import { controlUrl, handOver, reserveEnvFile, writeEnvFile } from './hand-over.ts';
import { onInterruption } from './interruption.ts';
import { refuseSharedFiles } from './own-files.ts';
import { emulatorOptions, envFileOf, readBoth, STARTING } from './starting.ts';

const START = { ...STARTING, json: { type: 'boolean' } } as const;

type Given = Values<typeof START>;

/** `pce-emulator start`: serves until a signal ends it. @throws Misuse, UnusableOption, UnusableFile */
export async function start(args: string[]): Promise<void> {
  const given = readBoth(args, START);
  const file = envFileOf(given);
  refuseSharedFiles({ db: given.db, 'write-env': file });
  if (file !== undefined) reserveEnvFile(file);
  const options = emulatorOptions(given, '8443');
  // Whoever asks for the end while it starts, or as soon as something is printed, gets it in good order.
  const over = interrupted();
  const emulator = await startEmulator(options);
  try {
    const remove = file === undefined ? undefined : writeEnvFile(file, handOver(emulator));
    print(given.json ? `${readyLine(emulator)}\n` : banner(emulator, given));
    await over;
    remove?.();
  } finally {
    await emulator.close();
  }
}

/** Resolves at the first signal to stop; a second one ends the process at once. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    let before = false;
    onInterruption(() => {
      if (before) process.exit(1);
      before = true;
      resolve();
    });
  });
}

/** What scripts read: the one line that `--json` prints. */
function readyLine(emulator: Emulator): string {
  const { url, http_url, kuma_url, ca_file, credentials, control_token, seed } = emulator;
  const kuma = kuma_url !== '' && { kuma_url };
  const control = { control_url: controlUrl(emulator), control_token };
  return JSON.stringify({ url, http_url, ...kuma, ca_file, ...credentials, ...control, seed, pid: process.pid });
}

function banner(emulator: Emulator, { db, hostile, seed: wanted }: Given): string {
  const { url, kuma_url, kuma_version, ca_file, credentials, allCredentials, control_token, pce_version, world, seed } =
    emulator;
  const { org_id, api_key, api_secret, username } = credentials;
  const curl = `curl --cacert ${ca_file} --user ${api_key}:${api_secret}`;
  const org = `${url}/api/v2/orgs/${org_id}`;
  const control = controlUrl(emulator);
  const others = allCredentials
    .slice(1)
    .flatMap((other) => [
      `  Org ${String(other.org_id).padEnd(9)}API key ${other.api_key}`,
      `               API secret ${other.api_secret}`,
    ]);
  const repeat = `${hostile ? '--hostile ' : ''}--seed ${seed}`;
  return [
    '',
    `pce-emulator ${emulatorVersion} answers as PCE ${pce_version}; world ${world}, ${db ? `kept in ${db}` : 'in memory'}`,
    '',
    `  URL          ${url}   (plain HTTP on the same port)`,
    `  Org          ${org_id}`,
    `  API key      ${api_key}`,
    `  API secret   ${api_secret}`,
    `  Login        ${username}   (its password is the API secret)`,
    `  CA           ${ca_file}`,
    ...others,
    ...(kuma_url === '' ? [] : [`  Kuma         ${kuma_url}   (Kuma ${kuma_version}, plain HTTP, no credentials)`]),
    `  Control      ${control}   (what a test asks of the emulator)`,
    ...(control_token === undefined ? [] : [`  Token        ${control_token}   (for that: Authorization: Bearer …)`]),
    `  Docs         ${control}/docs`,
    ...(hostile || wanted !== undefined ? [`  Seed         ${seed}   (the same again: ${repeat})`] : []),
    '',
    'Try:',
    '',
    `${curl} ${org}/container_clusters`,
    `${curl} --header 'content-type: application/json' --data '{"name": "my cluster"}' ${org}/container_clusters`,
    `${curl} '${org}/labels?key=env'`,
    '',
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}
