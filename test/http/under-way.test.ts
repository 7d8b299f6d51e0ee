import { request as httpRequest } from 'node:http';
import { LABELS, type Server, useServer } from '../control/server.ts';
import { authorization, type Json } from '../support/emulator.ts';

const ACCOUNTS = '/orgs/1/service_accounts';
const role = (name: string) => ({ role: { href: `/orgs/1/roles/${name}` }, scope: [] });
const LABEL = { key: 'app', value: 'late' };

describe('what changes while the body of a request is under way', () => {
  const test = useServer();

  /** Sends the head and the beginning of a body; the rest goes once something has happened. @returns the status then */
  async function meanwhile(
    asked: { server: Server; method: string; path: string; headers: Record<string, string>; body: unknown },
    happens: () => Promise<unknown> | unknown,
  ): Promise<number | undefined> {
    const { server, method, path, headers, body } = asked;
    const text = JSON.stringify(body);
    const own = { ...headers, 'content-type': 'application/json', 'content-length': text.length };
    const request = httpRequest(`${server.emulator.http_url}/api/v2${path}`, { method, agent: false, headers: own });
    const answer = new Promise<number | undefined>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    request.write(text.slice(0, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await happens();
    request.end(text.slice(5));
    return answer;
  }

  async function account(server: Server, more: Json = {}) {
    const body = { name: 'a', permissions: [role('owner')], api_key: { expires_in_seconds: 3600 }, ...more };
    const made = (await server.pce('POST', ACCOUNTS, { body })).body;
    const { auth_username: api_key, secret: api_secret } = made.api_key;
    return { href: String(made.href), headers: authorization({ api_key, api_secret }) };
  }

  async function login(server: Server) {
    const { username, api_secret } = server.emulator.credentials;
    const password = authorization({ api_key: username, api_secret });
    const { auth_token } = (await server.send('POST', '/api/v2/login_users/authenticate', { headers: password })).body;
    const token = { authorization: `Token token=${auth_token}` };
    const user = (await server.send('GET', '/api/v2/users/login', { headers: token })).body;
    return authorization({ api_key: user.auth_username, api_secret: user.session_token });
  }

  const labels = async (server: Server) => (await server.pce('GET', LABELS)).body;

  it('counts: who has lost a role changes nothing any more, and gives itself none', async () => {
    const { server } = test;
    const { href, headers } = await account(server);
    const demote = () => server.pce('PUT', href, { body: { permissions: [role('read_only')] } });
    const own = { server, method: 'PUT', path: href, headers, body: { permissions: [role('owner')] } };
    expect(await meanwhile(own, demote)).toBe(403);
    expect((await server.pce('GET', href)).body.permissions).toEqual([role('read_only')]);
    await server.pce('PUT', href, { body: { permissions: [role('owner')] } });
    expect(await meanwhile({ server, method: 'POST', path: LABELS, headers, body: LABEL }, demote)).toBe(403);
    expect(await labels(server)).toEqual([]);
    const { caller, status, tokens } = server.emulator.requests.find({ route: 'labels.create' })[0] ?? {};
    expect([caller?.href, status, tokens]).toEqual([href, 403, ['authorization_failed']]);
  });

  it('counts: who has been given a new name has it in the event', async () => {
    const { server } = test;
    const { href, headers } = await account(server);
    const rename = () => server.pce('PUT', href, { body: { name: 'renamed' } });
    expect(await meanwhile({ server, method: 'POST', path: LABELS, headers, body: LABEL }, rename)).toBe(201);
    const [event] = (await server.pce('GET', '/orgs/1/events?event_type=label.create')).body;
    expect(event.created_by).toEqual({ service_account: { href, name: 'renamed' } });
  });

  it('counts: a key may come to its end', async () => {
    const { server } = test;
    server.emulator.clock.freeze();
    const { headers } = await account(server, { api_key: { expires_in_seconds: 60 } });
    const asked = { server, method: 'POST', path: LABELS, headers, body: LABEL };
    expect(await meanwhile(asked, () => server.emulator.clock.advance('59s'))).toBe(201);
    const later = { ...asked, body: { ...LABEL, value: 'later' } };
    expect(await meanwhile(later, () => server.emulator.clock.advance('1s'))).toBe(401);
    expect(await labels(server)).toHaveLength(1);
  });

  it('counts: a session may, that was not used in the meantime', async () => {
    const { server } = test;
    server.emulator.clock.freeze();
    const headers = await login(server);
    const asked = { server, method: 'POST', path: LABELS, headers, body: LABEL };
    const used = async () => {
      server.emulator.clock.advance('9m');
      await server.send('GET', `/api/v2${LABELS}`, { headers });
      server.emulator.clock.advance('9m');
    };
    expect(await meanwhile(asked, used)).toBe(201);
    const later = { ...asked, body: { ...LABEL, value: 'later' } };
    expect(await meanwhile(later, () => server.emulator.clock.advance('10m'))).toBe(401);
    expect(await labels(server)).toHaveLength(1);
  });
});
