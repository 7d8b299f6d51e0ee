import { docsPage } from './console/page.ts';
import { matrixOf } from './contract/matrix.ts';
import { openApiOf } from './contract/openapi/document.ts';
import type { Api } from './contract/route.ts';
import type { Schemas } from './contract/schemas.ts';
import { readTranscriptFiles, type Transcript } from './contract/transcript.ts';
import type { Derived } from './control/routes/contract.ts';

/** A control plane that is emulated, as its documentation is to tell of it. */
export interface Described {
  readonly title: string;
  /** A sentence or two: what it is, and how it says no. */
  readonly description: string;
  /** Whose transcripts show it. */
  readonly api: string;
  readonly release: string;
  /** Oldest first. */
  readonly releases: readonly string[];
  /** Where it is served, as seen from its document. */
  readonly url: string;
  /** Everything that is served there in a release. Asked late: one of them answers with what comes of it. */
  apis(release: string): readonly Api[];
}

export interface DerivedOptions {
  /** The folder of the transcripts. */
  readonly transcripts: string;
  /** Of the releases that are emulated. */
  readonly schemas: Schemas;
  /** The version of the emulator. */
  readonly version: string;
}

/** What is derived from the tables of routes: made when it is first asked for, and kept. */
export function derivedFrom({ transcripts, schemas, version }: DerivedOptions, plane: Described): Derived {
  const { title, description, release, releases } = plane;
  const place = (one: string) => releases.indexOf(one);
  const isLater = (one: Transcript) => place(one.release) > place(release);
  const distance = (one: Transcript) => Math.abs(place(one.release) - place(release));
  const openapi = once(() => {
    // The nearest release first, and first of all what is not about the emulator's own API.
    const told = readTranscriptFiles(transcripts)
      .filter(({ api }) => api === plane.api)
      .sort((one, other) => distance(one) - distance(other) || Number(isOurs(one)) - Number(isOurs(other)));
    return openApiOf({
      ...{ title, version, description, url: plane.url, apis: plane.apis(release), schemas },
      transcripts: told.filter((one) => !isLater(one)),
      later: told.filter(isLater),
    });
  });
  return {
    openapi,
    matrix: once(() => matrixOf(releases.map((one) => ({ release: one, apis: plane.apis(one) })))),
    page: once(() => docsPage(openapi())),
  };
}

/** Whether a transcript shows the emulator's own API, and a control plane's beside it. */
const isOurs = ({ file }: Transcript) => file.startsWith('emulator/');

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
