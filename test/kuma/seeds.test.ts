import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describeWith, failureOf, run } from '../clients/programs.ts';
import { type Json, ROOT } from '../support/emulator.ts';
import { askAt, inKumaJson, type KumaAnswer, useKuma } from '../support/kuma.ts';
import { endpointsIn, type Operation, operationsIn } from './page.ts';
import { FAULTS, type Fault, UNLISTED } from './page-faults.ts';

/**
 * The page "HTTP API" of Kuma's documentation, of 0.3.0 and of 0.4.0, against the emulator, which is a Kuma 0.4.0: a shell
 * runs each curl line as it stands in the page's text, but for the host. What is wrong with the pages is told in
 * `page-faults.ts`; nothing else may differ.
 */

const HOST = 'http://localhost:5681';

const textOf = (version: string) => readFileSync(join(ROOT, 'fixtures', 'kuma', `http-api-${version}.txt`), 'utf8');

/** The path of a curl line: `/meshes/mesh-1`. */
const pathOf = (curl: string): string => new RegExp(`${HOST}(\\S+)`).exec(curl)?.[1] ?? '';
const methodOf = (curl: string): string => /-X([A-Z]+)/.exec(curl)?.[1] ?? 'GET';

/** The segments of a path: `meshes`, the mesh, a collection, a name. */
const partsOf = (path: string): string[] => path.split('/').filter(Boolean);

const isLike = (path: string, template: string): boolean => {
  const [parts, wanted] = [partsOf(path), partsOf(template)];
  return parts.length === wanted.length && wanted.every((one, index) => one.startsWith('{') || one === parts[index]);
};

/** What the page calls the resources of an answer: `Traffic Log entities`. */
function named(answer: Json): string {
  const { items } = answer;
  const words = (items?.[0] ?? answer).type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
  const [plain, more] = words.endsWith(' Overview') ? [words.slice(0, -9), ' including insight'] : [words, ''];
  return `${plain} ${items ? 'entities' : 'entity'}${more}`;
}

interface Printed {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function repaired(operation: Operation, faults: readonly Fault[]): Operation {
  const here = faults.filter(({ request }) => request === operation.request);
  return here.reduce((one, fault) => fault.repaired(one), operation);
}

const curl = failureOf('bash', ['-c', 'curl --version']);

describeWith(curl && `curl cannot be run: ${curl}`, "Kuma's documentation", () => {
  const test = useKuma('0.4.0');
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kuma-page-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The emulator tells its own port where the page tells the usual one. */
  const printed = ({ status, headers: { 'content-type': type = '' }, text }: KumaAnswer): Printed => {
    const body = text.replaceAll(new URL(test.emulator.kuma_url).port, '5681');
    return { status, type, body };
  };

  /** Has a shell run a curl line of the page. */
  async function shell({ curl: line, json }: Operation): Promise<Printed> {
    const [, file] = /--data @(\S+)/.exec(line) ?? [];
    if (file !== undefined) writeFileSync(join(folder, file), json);
    const told = `${line.replace(HOST, test.emulator.kuma_url)} --silent --show-error --write-out '\\n%{http_code} %{content_type}'`;
    const { status: exit, stdout, stderr } = await run('bash', ['-c', told], { cwd: folder });
    if (exit !== 0) throw new Error(`curl ended with ${exit}: ${stderr}`);
    const cut = stdout.lastIndexOf('\n');
    const [status, type = ''] = stdout.slice(cut + 1).split(' ');
    return printed({ status: Number(status), headers: { 'content-type': type }, text: stdout.slice(0, cut) });
  }

  /** Sends what a curl line says, in less time. */
  async function send({ curl: line, json }: Operation): Promise<Printed> {
    const body = line.includes('--data') ? json : '';
    const [, type = ''] = /-H'content-type: (.+?)'/.exec(line) ?? [];
    const asked = {
      method: methodOf(line),
      path: pathOf(line),
      body,
      ...(body && { headers: { 'Content-Type': type } }),
    };
    return printed(await askAt(test.emulator.kuma_url, asked));
  }

  const at = (method: string, path: string, body?: Json) => {
    const headers = body && { 'Content-Type': 'application/json' };
    return askAt(test.emulator.kuma_url, { method, path, headers, body: body && JSON.stringify(body) });
  };
  const make = async (path: string, body: Json) => {
    const { status, text } = await at('PUT', path, body);
    if (status !== 201 && status !== 200) throw new Error(`${path} cannot be made: ${text}`);
  };

  /** Makes everything that an operation presupposes, as the page itself has it. */
  async function prepare(page: readonly Operation[], { request, curl: line }: Operation): Promise<void> {
    const path = pathOf(line);
    const [, mesh = 'mesh-1', collection = ''] = partsOf(path);
    const puts = page.filter((one) => one.request.startsWith('PUT '));
    const ofCollection = puts.filter(
      (one) => partsOf(pathOf(one.curl))[2] === (collection === '' ? undefined : collection),
    );
    if (mesh !== 'default') await make(`/meshes/${mesh}`, JSON.parse(puts[0]?.json ?? ''));
    if (collection === 'dataplanes+insights') {
      const overview = page.find((one) => one.request.endsWith('+insights/{name}'));
      const { name, dataplane, dataplaneInsight } = JSON.parse(overview?.json ?? '');
      await make(`/meshes/${mesh}/dataplanes/${name}`, { type: 'Dataplane', mesh, name, ...dataplane });
      const insight = { type: 'DataplaneInsight', mesh, name, ...dataplaneInsight };
      await make(`/meshes/${mesh}/dataplane-insights/${name}`, insight);
    }
    for (const put of ofCollection) await make(pathOf(put.curl), JSON.parse(put.json));
    if (request.startsWith('PUT ')) await at('DELETE', path);
  }

  /** What the emulator does not do as the page says. */
  async function complaints(page: readonly Operation[], operation: Operation, by = shell): Promise<string[]> {
    const { request, statuses, gives, curl: line, json } = operation;
    const [method = '', template = ''] = request.split(' ');
    if (line === '') return ['there is no curl line'];
    const told: string[] = [];
    if (methodOf(line) !== method || !isLike(pathOf(line), template)) told.push(`the curl line is not for ${request}`);
    await prepare(page, operation);
    for (const status of statuses) {
      const { status: given, type, body } = await by(operation);
      if (given !== status) told.push(`${given} instead of ${status}: ${body}`);
      if (method !== 'GET') {
        if (body !== '' || type !== '') told.push(`${method} is answered something`);
        continue;
      }
      if (type !== 'application/json') told.push(`it is ${type}`);
      const answer = JSON.parse(body);
      if (gives !== '' && gives !== named(answer)) told.push(`it gives ${named(answer)}, not ${gives}`);
      if (json === '' || !isDeepStrictEqual(answer, parsed(json))) told.push(`it answers ${body}`);
    }
    if (method === 'DELETE' && (await at('GET', pathOf(line))).status !== 404) told.push('it is still there');
    return told;
  }

  const parsed = (json: string): Json => {
    try {
      return JSON.parse(json);
    } catch {
      return undefined;
    }
  };

  describe.each([
    { version: '0.3.0', count: 26 },
    { version: '0.4.0', count: 35 },
  ])('of $version', ({ version, count }) => {
    const text = textOf(version);
    const faults = FAULTS[version] ?? [];
    const asFound = operationsIn(text);
    const page = asFound.map((operation) => repaired(operation, faults));

    it('has all its operations, each once', () => {
      expect(new Set(asFound.map(({ request }) => request)).size).toBe(count);
      expect(asFound).toHaveLength(count);
      expect(faults.filter(({ request }) => !asFound.some((one) => one.request === request))).toEqual([]);
    });

    it.each(page)("works in the page's order: $request", async (operation) => {
      expect(await complaints(page, operation)).toEqual([]);
    });

    it.each(faults)('is wrong as it stands: $request: $why', async (fault) => {
      const operation = asFound.find(({ request }) => request === fault.request);
      if (!operation) throw new Error(`there is no ${fault.request}`);
      const others = faults.filter((one) => one !== fault);
      expect(await complaints(page, repaired(operation, others), send)).not.toEqual([]);
      // It is that fault and no other, and a curl line sent in less time is a curl line.
      expect(await complaints(page, repaired(operation, faults), send)).toEqual([]);
    });

    it('serves the paths that the page lists at its beginning', async () => {
      const listed = endpointsIn(text);
      for (const template of listed) {
        const wanted = partsOf(template);
        const isOf = ({ curl: line }: Operation) =>
          methodOf(line) === 'GET' && isLike(pathOf(line), template.replace('/{name}/', '/{mesh}/'));
        const operation = page.find(isOf);
        if (!operation) throw new Error(`no operation of the page is GET ${template}`);
        await prepare(page, operation);
        const { status } = await at('GET', pathOf(operation.curl));
        expect({ wanted, status }).toEqual({ wanted, status: 200 });
      }
      const collections = new Set(page.map(({ curl: line }) => partsOf(pathOf(line))[2]).filter(Boolean));
      const unlisted = [...collections].filter((one) => !listed.some((path) => partsOf(path)[2] === one));
      expect(unlisted).toEqual(UNLISTED[version]);
    });

    it('names paths that are none, where its curl lines name others', async () => {
      const wrong = asFound.filter(({ request }, index) => page[index]?.request !== request);
      expect(wrong).toHaveLength(3);
      for (const { request } of wrong) {
        const [method = '', template = ''] = request.split(' ');
        const path = template.replace('{mesh}', 'default').replace('{name}', 'a');
        const { status, text: answered } = await at(method, path, method === 'PUT' ? {} : undefined);
        expect({ request, status, answered }).toEqual({ request, status: 404, answered: '404: Page Not Found' });
      }
    });
  });

  it('shows an overview as the server of 0.3.0 wrote it, and ours of 0.4.0 writes the same bytes', async () => {
    const page = operationsIn(textOf('0.3.0'));
    const [overview] = page.filter(({ request }) => request.endsWith('+insights/{name}'));
    if (!overview) throw new Error('there is no overview');
    await prepare(page, overview);
    const { body } = await shell(overview);
    expect(body).toBe(overview.json);
    expect(body).toBe(inKumaJson(JSON.parse(overview.json)));
  });
});
