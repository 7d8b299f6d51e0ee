import { type Api, cutApi, type Route } from './contract/route.ts';
import type { Described } from './derived.ts';
import { kumaRoutes } from './kuma/index.ts';
import { hasKumaFeature, KUMA_RELEASES, type KumaRelease } from './kuma/versions.ts';
import { pce } from './pce/index.ts';
import { hasFeature, RELEASES, type Release } from './pce/versions.ts';

/** The two control planes, as the documentation and the command line list them. */

/** The routes of a release of the PCE. */
export const routesOf = (release: Release): Route[] => [...cutApi(pce, hasFeature(release)).routes];

/** The routes of a release of Kuma. */
export const kumaRoutesOf = (release: KumaRelease): Route[] =>
  kumaRoutes({ has: hasKumaFeature(release), readOnly: false, port: 0, recorded: () => ({}) });

/** @param control the emulator's own API, which is served on the same port */
export const describePce = (release: Release, control: () => Api): Described => ({
  title: 'pce-emulator',
  description:
    `What pce-emulator answers as a PCE ${release}, and its own API under /_emulator. ` +
    'What answers 501 is there on a real PCE and not in the emulator. ' +
    'HEAD is answered wherever GET is; any other method of a path is refused with 405. ' +
    'Kuma beside it has a document of its own, under /_emulator/kuma.',
  api: 'pce',
  release,
  releases: RELEASES,
  url: '/',
  apis: (one) => [pce, control()].map((api) => cutApi(api, hasFeature(one as Release))),
});

/** @param url where it listens */
export const describeKuma = (release: KumaRelease, kuma: Api, url: string): Described => ({
  title: 'pce-emulator: Kuma',
  description:
    `What pce-emulator answers as the control plane of Kuma ${release}, on a port of its own. ` +
    'There are no credentials; any method that is not told is refused with 405, HEAD too.',
  api: 'kuma',
  release,
  releases: KUMA_RELEASES,
  url,
  apis: (one) => [one === release ? kuma : { ...kuma, routes: kumaRoutesOf(one as KumaRelease) }],
});
