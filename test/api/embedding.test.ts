import express from 'express';
import supertest from 'supertest';
import { startEmulator } from '../../src/emulator.ts';
import { authorization, useEmulator } from '../support/emulator.ts';

describe('an emulator inside another program', () => {
  const test = useEmulator();

  it('can be mounted in an Express app, also behind a body parser', async () => {
    const outer = express();
    outer.use(express.json());
    outer.use(test.emulator.app);
    const answer = await supertest(outer)
      .post('/api/v2/orgs/1/labels')
      .set(authorization(test.emulator.credentials))
      .send({ key: 'app', value: 'Mounted' });
    expect([answer.status, answer.body.value]).toEqual([201, 'Mounted']);
  });

  it('has no URL when it does not listen', () => {
    const { url, http_url, ca_file } = test.emulator;
    expect({ url, http_url, ca_file }).toEqual({ url: '', http_url: '', ca_file: '' });
  });

  it('shares nothing with a second one', async () => {
    const other = await startEmulator({ listen: false, world: 'empty' });
    await test.pce.post('/orgs/1/labels', { key: 'app', value: 'Here' });
    const headers = authorization(other.credentials);
    const answer = await supertest(other.app).get('/api/v2/orgs/1/labels').set(headers);
    expect(answer.body).toEqual([]);
    expect((await test.with(headers).get('/orgs/1/labels')).status).toBe(401);
    await other.close();
  });

  it('can be closed twice', async () => {
    const other = await startEmulator({ world: 'empty' });
    await other.close();
    await other.close();
  });

  it('says that it was closed, to whoever asks after that', async () => {
    const other = await startEmulator({ listen: false, world: 'empty' });
    await other.close();
    const answers = [
      await supertest(other.app).get('/api/v2/orgs/1/labels').set(authorization(other.credentials)),
      await supertest(other.kuma_app).get('/meshes'),
      await supertest(other.kuma_app).put('/meshes/late').send({ type: 'Mesh', name: 'late' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(answers[0]?.body).toMatchObject([{ token: 'emulator_closed' }]);
    expect(() => other.reset()).toThrow(/^the emulator was closed$/);
    expect(() => other.saveWorld()).toThrow(/^the emulator was closed$/);
  });

  it('refuses options that cannot be', async () => {
    const refused = (options: Parameters<typeof startEmulator>[0]) => expect(startEmulator(options)).rejects;
    await refused(null as never).toThrow(/options are an object, not null/);
    await refused({ host: '' }).toThrow(/host to bind is empty/);
    await refused({ apiKey: { name: 'a:b', secret: 'x' } }).toThrow(/name without a colon/);
    await refused({ apiKey: { name: 'a', secret: '' } }).toThrow(/and a secret/);
    await refused({ tls: { cert: 'none', key: 'none' } }).toThrow(/there is no certificate/);
  });
});

describe('writes that arrive together', () => {
  const test = useEmulator();

  it('are told apart: the same label a hundred times at once is made once', async () => {
    const posts = Array.from({ length: 100 }, () => test.pce.post('/orgs/1/labels', { key: 'app', value: 'Same' }));
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 406)).toHaveLength(99);
    const next = await test.pce.post('/orgs/1/labels', { key: 'app', value: 'Next' });
    expect(next.body.href).toBe('/orgs/1/labels/2');
  });

  it('and a read among them sees only what is answered or about to be', async () => {
    const writes = Array.from({ length: 50 }, (_, index) =>
      test.pce.post('/orgs/1/labels', { key: 'app', value: `value ${index}` }),
    );
    const reads = Array.from({ length: 50 }, () => test.pce.get('/orgs/1/labels'));
    const seen = (await Promise.all(reads)).flatMap(({ body }) => body.map(({ href }: { href: string }) => href));
    const made = (await Promise.all(writes)).map(({ body }) => body.href);
    expect(seen.filter((href) => !made.includes(href))).toEqual([]);
  });
});
