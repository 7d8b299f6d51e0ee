import { groupsOf } from './groups.ts';
import type { Api, Evidence, Method, Route } from './route.ts';

/** Which operations there are in which release, and how sure we are of each. */
export interface Matrix {
  /** Oldest first. */
  readonly releases: readonly string[];
  readonly routes: readonly MatrixRow[];
}

export interface MatrixRow {
  readonly id: string;
  readonly method: Method;
  /** With the prefix of its API. */
  readonly path: string;
  readonly summary: string;
  /** What it belongs to: `labels`. */
  readonly group: string;
  readonly evidence: Evidence;
  readonly source: string;
  /** False where a real PCE has it and the emulator answers 501. */
  readonly implemented: boolean;
  readonly releases: readonly string[];
}

/** The APIs of one release. */
export interface ReleaseOfApis {
  readonly release: string;
  readonly apis: readonly Api[];
}

/** @param releases oldest first */
export function matrixOf(releases: readonly ReleaseOfApis[]): Matrix {
  const found = new Map<string, { prefix: string; route: Route; in: string[] }>();
  for (const { release, apis } of releases) {
    for (const { prefix, routes } of apis) {
      for (const route of routes) {
        const known = found.get(route.id) ?? { prefix, route, in: [] };
        known.in.push(release);
        found.set(route.id, known);
      }
    }
  }
  const groupOf = groupsOf([...found.values()].map(({ route }) => route));
  const rows = [...found.values()].map(
    ({ prefix, route, in: there }): MatrixRow => ({
      id: route.id,
      method: route.method,
      path: prefix + route.path,
      summary: route.summary,
      group: groupOf(route),
      evidence: route.evidence,
      source: route.source,
      implemented: Boolean(route.handle),
      releases: there,
    }),
  );
  return {
    releases: releases.map(({ release }) => release),
    routes: [...by(rows, ({ group }) => group).values()].flat(),
  };
}

/** One table of the README. */
export interface Section {
  /** Of the API that it is about. */
  readonly prefix: string;
  /** What stands above it. */
  readonly sentence: string;
}

/** A client that routes were called with. */
export interface CallingClient {
  readonly client: string;
  /** The ids of the routes that answered it well. */
  readonly routes: readonly string[];
}

/**
 * The matrix for people to read: a table for each section, with one row for each operation that is implemented, and a
 * list of what answers 501, if anything does; each folded, for they are long. What is below an organisation is shown without `<prefix>/orgs/{org_id}/`.
 * @param clients with a column for each, in the tables where they called anything
 */
export function markdownOf(
  { releases, routes }: Matrix,
  sections: readonly Section[],
  clients: readonly CallingClient[] = [],
): string {
  const tables = sections.map(({ prefix, sentence }) => {
    const rows = routes.filter(({ path, implemented }) => implemented && path.startsWith(`${prefix}/`));
    const callers = clients.filter((client) => rows.some(({ id }) => client.routes.includes(id)));
    const whole = table(rows, prefix, [...told(rows, releases), ...callers.map(columnOf)]);
    return `${sentence}\n\n${folded(`${rows.length} operations`, whole)}`;
  });
  const missing = routes.filter(({ implemented }) => !implemented);
  if (missing.length === 0) return tables.join('\n');
  const summary = `What a PCE has and the emulator has not: ${missing.length} operations that answer 501`;
  return [...tables, folded(summary, list(missing, sections))].join('\n');
}

const folded = (summary: string, text: string) => `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>\n`;

/** A column of a table beside what the operation is and does. */
interface Column {
  readonly head: string;
  /** How its rule is drawn, which says how it is aligned. */
  readonly rule: string;
  cell(row: MatrixRow): string;
}

const tick = (is: boolean) => (is ? '✓' : '');

/** Where all rows are alike in release and evidence, as they are in the emulator's own API, these need no columns. */
function told(rows: readonly MatrixRow[], releases: readonly string[]): Column[] {
  const alike = new Set(rows.map(({ evidence, releases: there }) => `${evidence} ${there}`)).size === 1;
  if (alike) return [];
  const inReleases = releases.map((head) => ({
    head,
    rule: ':-:',
    cell: ({ releases: there }: MatrixRow) => tick(there.includes(head)),
  }));
  return [...inReleases, { head: 'evidence', rule: '---', cell: ({ evidence }) => evidence }];
}

const columnOf = ({ client, routes }: CallingClient): Column => ({
  head: client,
  rule: ':-:',
  cell: ({ id }) => tick(routes.includes(id)),
});

function table(rows: readonly MatrixRow[], prefix: string, columns: readonly Column[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = line(['method', 'path', 'what it does', ...columns.map((column) => column.head)]);
  const rule = `|---|---|---|${columns.map((column) => `${column.rule}|`).join('')}`;
  const lines = rows.map((row) => {
    const { method, path, summary } = row;
    const cells = columns.map((column) => column.cell(row));
    return line([method, `\`${short(path, prefix)}\``, summary.replaceAll('|', '\\|'), ...cells]);
  });
  return [head, rule, ...lines].join('\n');
}

/** `container_clusters/:id/services` */
const short = (path: string, prefix: string) =>
  path
    .slice(prefix.length)
    .replace(/^\/orgs\/\{org_id\}\//, '')
    .replace(/\{(?:\w+_)?id\}/g, ':id')
    .replace(/\{(\w+)\}/g, ':$1');

/** One line for each group, with the methods of each of its paths. */
function list(rows: readonly MatrixRow[], sections: readonly Section[]): string {
  const told = (path: string) =>
    short(path, sections.find(({ prefix }) => path.startsWith(`${prefix}/`))?.prefix ?? '');
  const groups = [...by(rows, ({ group }) => group).values()];
  const lines = groups.map((group) => {
    const paths = [...by(group, ({ path }) => path)];
    return `- ${paths.map(([path, here]) => `\`${told(path)}\` ${here.map(({ method }) => method).join(', ')}`).join('; ')}`;
  });
  return lines.sort().join('\n');
}

function by(rows: readonly MatrixRow[], key: (row: MatrixRow) => string): Map<string, MatrixRow[]> {
  const found = new Map<string, MatrixRow[]>();
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row]);
  return found;
}
