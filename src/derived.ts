import { docsPage } from './console/page.ts';
import { matrixOf } from './contract/matrix.ts';
import { openApiOf } from './contract/openapi/document.ts';
import { type Api, cutApi } from './contract/route.ts';
import type { Schemas } from './contract/schemas.ts';
import { readTranscriptFiles, type Transcript } from './contract/transcript.ts';
import type { Derived } from './control/routes/contract.ts';
import { hasFeature, RELEASES, type Release } from './pce/versions.ts';

export interface DerivedOptions {
  /** The folder of the transcripts. */
  readonly transcripts: string;
  readonly release: Release;
  /** Of that release. */
  readonly schemas: Schemas;
  /** The version of the emulator. */
  readonly version: string;
  /** Everything that is served, with the routes of all releases. Asked late: one of them answers with what comes of it. */
  apis(): readonly Api[];
}

/** What is derived from the tables of routes: made when it is first asked for, and kept. */
export function derivedFrom({ transcripts, release, schemas, version, apis }: DerivedOptions): Derived {
  const apisOf = (one: Release) => apis().map((api) => cutApi(api, hasFeature(one)));
  const openapi = once(() => {
    // The nearest release first, and first of all what is about the PCE.
    const told = readTranscriptFiles(transcripts).sort(
      (one, other) => distance(one, release) - distance(other, release) || Number(isOurs(one)) - Number(isOurs(other)),
    );
    return openApiOf({
      title: 'pce-emulator',
      version,
      release,
      apis: apisOf(release),
      schemas,
      transcripts: told.filter((one) => !isLater(one, release)),
      later: told.filter((one) => isLater(one, release)),
    });
  });
  return {
    openapi,
    matrix: once(() => matrixOf(RELEASES.map((one) => ({ release: one, apis: apisOf(one) })))),
    page: once(() => docsPage(openapi())),
  };
}

/** Whether a transcript shows the emulator's own API, and the PCE's beside it. */
const isOurs = ({ file }: Transcript) => file.startsWith('emulator/');
const place = (release: string) => RELEASES.indexOf(release as Release);
const isLater = (one: Transcript, release: Release) => place(one.release) > place(release);
const distance = (one: Transcript, release: Release) => Math.abs(place(one.release) - place(release));

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
