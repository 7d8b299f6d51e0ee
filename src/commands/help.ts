import { emulatorVersion, KUMA_RELEASES, RELEASES } from '../emulator.ts';

export const HELP = `pce-emulator ${emulatorVersion}
Behaves over HTTP like the container-cluster side of an Illumio Policy Compute Engine, and like the control plane of Kuma.

  pce-emulator [start] [options]    start it (the default command)
  pce-emulator exec [options] -- COMMAND ARGUMENTS…
                                    run a command, such as your tests, beside an emulator of its own, and fail when it
                                    sends what the contract does not provide for
  pce-emulator ready [options]      wait until one answers; exit code 0 when it does, 1 when not
  pce-emulator reset [options]      have a running one be as it was after its start
  pce-emulator world save|load FILE [options]
                                    what a running one holds, as a file that start --world takes, and back;
                                    - for standard output and input
  pce-emulator world list           the worlds that have a name
  pce-emulator routes [options]     list what it answers, with the evidence for each route
  pce-emulator simulate FILE|- [options]
                                    report a cluster to a PCE or emulator as its agent would, from the output of
                                    kubectl get nodes,namespaces,services,deployments,replicasets,daemonsets,statefulsets,pods -A -o json
  pce-emulator simulate --clusters N [options]
                                    the same with clusters that are made up

Options of start
  --port N               port for HTTPS and plain HTTP alike; 0 for any free one   (8443; of exec 0)
  --host ADDRESS         address to bind                                           (127.0.0.1)
  --world NAME|FILE      starting state: demo, empty, page, or a world file        (demo)
  --db FILE              keep everything in this SQLite file, but for journal, faults and snapshots; else in memory
  --pce-version VERSION  the release to be: ${RELEASES.join(', ').padEnd(38)} (${RELEASES[0]})
  --kuma-port N          Kuma's port, plain HTTP; 0 for any free one               (5681; beside --port 0 any free one)
  --kuma-version VERSION the release of Kuma to be: ${KUMA_RELEASES.join(', ').padEnd(30)} (${KUMA_RELEASES[0]})
  --kuma-read-only       refuse changes, as a Kuma does that was installed on Kubernetes
  --no-kuma              no Kuma
  --api-key NAME:SECRET  the first organisation's API key; else a fresh one is made
  --tls-san NAME         a further name or address for the certificate; may be repeated
  --tls-cert FILE --tls-key FILE
                         serve this certificate (PEM) instead of making one
  --offline-after TIME   how long a cluster counts as online after its agent's last report: 90s, 10m, 1h  (10m)
  --request-timeout TIME how long a request may take to arrive, and a handshake    (60s)
  --keep-alive TIME      how long a connection may be without a request            (75s)
  --send-timeout TIME    how long a client may take nothing of its reply           (60s)
  --max-connections N    how many connections at once; further ones are closed     (as many as the system allows)
  --seed S               make all chance come out the same again: ids, keys, secrets, faults, and a clock that stands
                         still at the beginning of 2025; secrets can be guessed then
  --clock TIME|real      where the clock stands still: 2026-03-01T09:00:00Z; or real, for one that runs
  --hostile              begin with faults that a client has to live with: short lists in any order, jitter, now and
                         then a 429 or 503
  --journal N            how many requests the journal keeps; 0 for none           (1000)
  --journal-body BYTES   how much of each body                                     (65536)
  --control-token TOKEN  what lets into /_emulator, as Authorization: Bearer TOKEN
                                                         (none on loopback, else a fresh one)
  --allow-origin ORIGIN  a web page that may use /_emulator: http://localhost:3000; may be repeated
  --check-replies        check every reply against its schema; answer 500 for one that breaks it
  --write-env FILE       when ready, write what exec hands over into this file, for its owner alone; it goes at the end
                         (also --env-file, with npm start or as node -- cli.js: Node 20 takes that name for itself)
  --json                 print one line of JSON when ready, and nothing else (start alone)

Options of exec: those of start, and
  --fail-on LIST         what makes a run fail whose command succeeds; a list with commas, or none
                         (violations,unknown-routes,unimplemented)
                           violations      what the PCE refuses for its form, and query parameters that it ignores
                           unknown-routes  paths and methods that no PCE has
                           unimplemented   what a PCE has and the emulator has not
  --report FILE          write all that as JUnit XML

  The command finds in its environment
    PCE_URL, PCE_HTTP_URL, PCE_HOST, PCE_PORT, PCE_CA_FILE, PCE_ORG_ID, PCE_API_KEY, PCE_API_SECRET, PCE_USERNAME,
    PCE_SEED, PCE_PID
    KUMA_URL             where Kuma answers
    PCE_CONTROL_URL, and PCE_CONTROL_TOKEN where that takes one
    ILLUMIO_PCE_HOST, ILLUMIO_PCE_ORG_ID, ILLUMIO_API_KEY_USERNAME, ILLUMIO_API_KEY_SECRET, ILLUMIO_CA_FILE
                         as Illumio's Terraform provider reads them
    NODE_EXTRA_CA_CERTS  adds the emulator's authority to what Node trusts, and to the file that was named there
  REQUESTS_CA_BUNDLE and SSL_CERT_FILE are left alone: they would take the place of all other trust. Where your client
  heeds nothing else, say so yourself: exec -- sh -c 'REQUESTS_CA_BUNDLE=$PCE_CA_FILE pytest'
  In a file of --write-env, quotes stand around values that a shell cannot read without them (a key of your own choice with
  spaces in it); docker run --env-file takes quotes as part of the value.
  Exit code: the command's; 128 + N when signal N ended it; 127 when it is not found, 126 when it cannot be run.

Options of ready
  --wait TIME            how long to wait: 30s, 500ms, 2m                          (0s)
  --url URL              where it should be                                        (http://127.0.0.1:8443)

Options of reset and world
  --url URL              where it is             (PCE_HTTP_URL, or else http://127.0.0.1:8443)
  --ca FILE              the authority (PEM) to trust at an https URL; its start prints the file
                                                 (PCE_CA_FILE, or else what the system trusts)
  --control-token TOKEN  where it takes one      (PCE_CONTROL_TOKEN)

Options of routes
  --pce-version VERSION  the release whose routes to list                          (${RELEASES[0]})
  --kuma-version VERSION a release of Kuma to list instead
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

Every option of start and exec can also come from the environment: --pce-version from PCE_EMULATOR_PCE_VERSION; what may
be repeated, as a list with commas.
Exit codes: 0 done, 1 failed, 2 not a command or option.
`;
