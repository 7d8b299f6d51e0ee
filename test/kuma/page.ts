/** What a page of Kuma's documentation says of one operation. */
export interface Operation {
  /** Its `Request:` line: `PUT /meshes/{name}`. */
  readonly request: string;
  /** The statuses of its `Response:` line. */
  readonly statuses: readonly number[];
  /** What that line says comes with it: `Mesh entity`; empty where it says nothing. */
  readonly gives: string;
  /** Empty where the page has none. */
  readonly curl: string;
  /** The lines of JSON: what a PUT sends, what others are answered. */
  readonly json: string;
}

/** The paths that a page lists at its beginning. */
export const endpointsIn = (page: string): string[] =>
  [...page.matchAll(/^(?:\* )?`?(\/[\w{}/+-]*)`?$/gm)].map(([, path = '']) => path);

/** The operations of a page, in its order, from its text with Markdown or without. */
export function operationsIn(page: string): Operation[] {
  const [, ...parts] = page.replace(/^```.*\n/gm, '').split(/^Request: /m);
  return parts.map((part) => {
    const [, request = ''] = /^`?((?:GET|PUT|DELETE) [^\s`]+)/.exec(part) ?? [];
    const [, response = ''] = /^Response: (.*(?:\n(?!curl )[a-z].*)*)/m.exec(part) ?? [];
    const statuses = [...response.matchAll(/\d{3}/g)].map(([status]) => Number(status));
    const [, gives = ''] =
      /with (?:body of )?([^,\n]+? (?:entity|entities)(?: including insight)?)/.exec(response) ?? [];
    const [curl = ''] = /^curl .+/m.exec(part) ?? [];
    const json = part.split('\n').filter((line) => /^\s*[{}[\]"]/.test(line));
    return { request, statuses, gives, curl, json: json.join('\n') };
  });
}
