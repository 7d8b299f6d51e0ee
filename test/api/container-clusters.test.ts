import { tokenOf, useEmulator } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';

describe('container clusters', () => {
  const test = useEmulator();

  it('shows the token of a new cluster once, and the cluster from then on without it', async () => {
    const created = await test.pce.post(CLUSTERS, { name: 'test', description: 'test' });
    expect(created.status).toBe(201);
    const { container_cluster_token: token, ...cluster } = created.body;
    expect(token).toMatch(/^1_[0-9a-f]{64}$/);
    const got = await test.pce.get(cluster.href);
    expect(got.body).toEqual(cluster);
  });

  it('refuses a cluster without a name', async () => {
    const refused = await test.pce.post(CLUSTERS, { description: 'no name' });
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
  });
});
