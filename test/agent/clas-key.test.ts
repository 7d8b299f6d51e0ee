import { createPublicKey } from 'node:crypto';
import { tokenOf, useEmulator } from '../support/emulator.ts';
import { type Cluster, clusterOf, succeeded, TWO_ORGANISATIONS } from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const CLAS = { cluster_mode: 'clas' };

describe('an agent in CLAS mode', () => {
  let now = START;
  const test = useEmulator({ now: () => now, pceVersion: '25.2', world: TWO_ORGANISATIONS });
  let cluster: Cluster;
  beforeEach(async () => {
    now = START;
    cluster = await clusterOf(test, { report: CLAS });
  });

  describe('the key of its PCE', () => {
    const keyOf = async ({ agent, href }: Cluster) =>
      succeeded(await agent.get(`${href}/clas_auth_public_key`)).body.public_key;

    it('is an RSA key, the same for all clusters of the organisation, and not for those of another', async () => {
      const key = await keyOf(cluster);
      const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(key);
      expect(asymmetricKeyType).toBe('rsa');
      expect(asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
      expect(await keyOf(cluster)).toBe(key);
      const other = await clusterOf(test, { name: 'other', report: CLAS });
      expect(await keyOf(other)).toBe(key);
      const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
      const abroad = await clusterOf(test, { pce: foreign, org: '/orgs/2', report: CLAS });
      expect(await keyOf(abroad)).not.toBe(key);
    });

    it('is not for clusters in legacy mode', async () => {
      await cluster.report({ cluster_mode: 'legacy' });
      const answer = await cluster.agent.get(`${cluster.href}/clas_auth_public_key`);
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'container_cluster_not_in_clas_mode']);
    });
  });

  it('sees a support report asked for once the emulator is told so', async () => {
    const { control } = test;
    const wanted = async ({ agent, href }: Cluster) =>
      (await agent.get(`${href}/support_report_info`)).body.requested_at;
    const other = await clusterOf(test, { name: 'other' });
    expect(await wanted(cluster)).toBeNull();
    now += 1000;
    expect((await control.put(`${cluster.href}/support_report`, { requested: true })).status).toBe(204);
    expect([await wanted(cluster), await wanted(other)]).toEqual(['2026-03-01T08:00:01.000Z', null]);
    await cluster.report({});
    expect(await wanted(cluster)).toBe('2026-03-01T08:00:01.000Z');
    await control.put(`${cluster.href}/support_report`, { requested: false });
    expect(await wanted(cluster)).toBeNull();
    expect((await control.put(`${cluster.href}/support_report`, {})).status).toBe(400);
    expect((await control.put(`${cluster.href.slice(0, -1)}/support_report`, { requested: true })).status).toBe(404);
  });
});
