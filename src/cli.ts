#!/usr/bin/env node
import { Misuse, print } from './commands/arguments.ts';
import { NotReady, ready } from './commands/ready.ts';
import { routes } from './commands/routes.ts';
import { SimulationFailed, simulate } from './commands/simulate.ts';
import { start } from './commands/start.ts';
import { emulatorVersion, RELEASES, UnusableFile, UnusableOption } from './emulator.ts';

const HELP = `pce-emulator ${emulatorVersion}
Behaves over HTTP like the container-cluster side of an Illumio Policy Compute Engine.

  pce-emulator [start] [options]    start it (the default command)
  pce-emulator ready [options]      wait until one answers; exit code 0 when it does, 1 when not
  pce-emulator routes [options]     list what it answers, with the evidence for each route
  pce-emulator simulate FILE|- [options]
                                    report a cluster to a PCE or emulator as its agent would, from the output of
                                    kubectl get nodes,namespaces,services,deployments,replicasets,daemonsets,statefulsets,pods -A -o json
  pce-emulator simulate --clusters N [options]
                                    the same with clusters that are made up

Options of start
  --port N               port for HTTPS and plain HTTP alike; 0 for any free one   (8443)
  --host ADDRESS         address to bind                                           (127.0.0.1)
  --world NAME|FILE      starting state: demo, empty, page, or a world file        (demo)
  --db FILE              keep all state in this SQLite file; else it lives in memory
  --pce-version VERSION  the release to be: ${RELEASES.join(', ').padEnd(38)} (${RELEASES[0]})
  --api-key NAME:SECRET  the first organisation's API key; else a fresh one is made
  --tls-san NAME         a further name or address for the certificate; may be repeated
  --tls-cert FILE --tls-key FILE
                         serve this certificate (PEM) instead of making one
  --offline-after TIME   how long a cluster counts as online after its agent's last report: 90s, 10m, 1h  (10m)
  --check-replies        check every reply against its schema; answer 500 for one that breaks it
  --json                 print one line of JSON when ready, and nothing else

Options of ready
  --wait TIME            how long to wait: 30s, 500ms, 2m                          (0s)
  --url URL              where it should be                                        (http://127.0.0.1:8443)

Options of routes
  --pce-version VERSION  the release whose routes to list                          (${RELEASES[0]})
  --json                 as JSON

Options of simulate
  --url URL              the PCE, http or https                                    (https://127.0.0.1:8443)
  --org N                the organisation                                          (1)
  --ca FILE              the authority (PEM) to trust; --insecure trusts anyone
  --cluster UUID --token TOKEN
                         report as this cluster
  --api-key NAME:SECRET  make the cluster, or the fleet, first
  --name NAME            what to call it; of a fleet NAME-1, NAME-2, …             (simulated)
  --managed              have the Default Profile manage namespaces, so that what is in them is shown;
                         takes --api-key; a fleet that is made is managed unless --no-managed
  --mode legacy|clas     report pods (to an emulator alone), or Kubernetes workloads (legacy)
  --every TIME           go on reporting: 30s, 5m, 1h; until Ctrl-C, or for --for TIME
  --churn N              changes of a cluster before each of these reports         (0)
  --clusters N --namespaces N --workloads N
                         how large a fleet: clusters, namespaces of each, workloads of each of these
                                                                                   (–, 10, 10)
  --seed N               decides the fleet and the churn                           (1)
  --parallel N           requests at once, each for another cluster                (8)
  --json                 print the summary as one line of JSON

  --help, --version

Every option of start can also come from the environment: --pce-version from PCE_EMULATOR_PCE_VERSION.
Exit codes: 0 done, 1 failed, 2 not a command or option.
`;

async function main(args: string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h') || args[0] === 'help') return print(HELP);
  if (args.includes('--version')) return print(`${emulatorVersion}\n`);
  const [first = 'start'] = args;
  const command = first.startsWith('-') ? 'start' : first;
  const rest = command === first ? args.slice(1) : args;
  if (command === 'start') return start(rest);
  if (command === 'ready') return ready(rest);
  if (command === 'routes') return routes(rest);
  if (command === 'simulate') return simulate(rest);
  throw new Misuse(`there is no command ${command}; the commands are start, ready, routes and simulate`);
}

/** What a person can mend: told in one line. */
const EXPECTED = [UnusableFile, UnusableOption, NotReady, SimulationFailed];

/** One line, whatever went wrong that a person can mend; a stack for what only we can. */
function fail(error: unknown): never {
  const { message, code, syscall, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  const say = (text: string) => process.stderr.write(`pce-emulator: ${text}\n`);
  if (error instanceof Misuse) {
    say(`${message} (see pce-emulator --help)`);
    process.exit(2);
  }
  if (code === 'EADDRINUSE')
    say(`port ${port} of ${address} is in use; choose another with --port, or --port 0 for a free one`);
  else if (syscall === 'listen' || syscall === 'getaddrinfo') say(`cannot listen: ${message}`);
  else if (EXPECTED.some((kind) => error instanceof kind)) say(message);
  else say(error instanceof Error ? (error.stack ?? message) : String(error));
  process.exit(1);
}

// Whoever reads the output may leave: that is no reason to stop serving.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(1);
  });
}

main(process.argv.slice(2)).catch(fail);
