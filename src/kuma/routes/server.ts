import type { Document } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { seenInKuma } from './evidence.ts';
import { urlAt } from './lists.ts';

/** What a control plane tells of itself. */
export interface ServerOptions {
  /** That it says it has. */
  readonly port: number;
  readonly readOnly: boolean;
  /** The configuration of the release, as the original told it. */
  recorded(): Document;
}

/** The host that the emulated control plane runs on (ours). */
const HOST = 'kuma-cp';

/** `/`, `/catalog` and `/config`. */
export function serverRoutes(options: ServerOptions): Route[] {
  return [
    {
      ...seenInKuma,
      id: 'kuma.index.get',
      method: 'GET',
      path: '/',
      summary: 'What this is, and its version',
      replies: { 200: 'kuma/index#index' },
      handle: (_request, { release, has }) => ({
        status: 200,
        body: { ...(has('kuma_hostname') && { hostname: HOST }), tagline: 'Kuma', version: release },
      }),
    },
    {
      ...seenInKuma,
      id: 'kuma.catalog.get',
      method: 'GET',
      path: '/catalog',
      summary: 'Where the other servers of the control plane are',
      replies: { 200: 'kuma/catalog#catalog' },
      handle: () => ({ status: 200, body: CATALOG }),
    },
    {
      ...seenInKuma,
      id: 'kuma.config.get',
      method: 'GET',
      path: '/config',
      summary: 'The configuration of the control plane',
      replies: { 200: 'kuma/config#config' },
      // One line, unlike all other replies.
      handle: () => ({ status: 200, text: JSON.stringify(configOf(options)) }),
    },
  ];
}

const CATALOG = {
  apis: {
    bootstrap: { url: 'http://localhost:5682' },
    dataplaneToken: { localUrl: 'http://localhost:5679', publicUrl: '' },
    admin: { localUrl: 'http://localhost:5679', publicUrl: '' },
    monitoringAssignment: { url: 'grpc://localhost:5676' },
  },
};

/** The recorded configuration, with what a process fills in as it starts. There is no secret server, so no files of its own. */
function configOf({ port, readOnly, recorded }: ServerOptions): Document {
  const config = recorded() as Record<string, Record<string, unknown>>;
  const { apiServer, bootstrapServer, guiServer } = config;
  return {
    ...config,
    apiServer: { ...apiServer, port, readOnly },
    bootstrapServer: {
      ...bootstrapServer,
      params: { ...(bootstrapServer?.params as Document), xdsHost: 'localhost', xdsPort: 5678 },
    },
    guiServer: { ...guiServer, apiServerUrl: urlAt(port) },
  };
}
