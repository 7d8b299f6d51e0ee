import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const FEATURES = '/orgs/1/optional_features';
const SWITCHED = { name: 'per_rule_flow_log_setting', enabled: true };

/** The features that are enabled. */
const enabled = async (pce: Client, path = FEATURES): Promise<string[]> =>
  (await pce.get(path)).body.filter((one: Json) => one.enabled).map(({ name }: Json) => name);

describe('optional features', () => {
  const test = useEmulator({ world: 'demo' });
  const ATFIRST = ['ui_analytics', 'illumination_classic'];

  it('are all listed, with name and whether they are enabled', async () => {
    const { body } = await test.pce.get(FEATURES);
    expect(body.length).toBeGreaterThan(10);
    for (const feature of body) expect(feature).toEqual({ name: expect.any(String), enabled: expect.any(Boolean) });
    expect(new Set(body.map(({ name }: Json) => name)).size).toBe(body.length);
    expect(await enabled(test.pce)).toEqual(ATFIRST);
  });

  it('can be enabled and disabled; the others stay', async () => {
    const { pce } = test;
    const answer = await pce.put(FEATURES, [SWITCHED]);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await enabled(pce)).toEqual([...ATFIRST, SWITCHED.name]);
    await pce.put(FEATURES, [
      { name: 'ui_analytics', enabled: false },
      { name: 'core_insights', enabled: true },
    ]);
    expect(await enabled(pce)).toEqual(['illumination_classic', SWITCHED.name, 'core_insights']);
    await pce.put(FEATURES, [{ ...SWITCHED, enabled: false }]);
    expect(await enabled(pce)).toEqual(['illumination_classic', 'core_insights']);
    expect((await pce.put(FEATURES, [])).status).toBe(204);
  });

  it.each([
    [[SWITCHED, { name: 'telepathy', enabled: true }]],
    [[SWITCHED, { name: 'core_insights' }]],
    [[SWITCHED, { enabled: true }]],
    [[SWITCHED, { name: 'core_insights', enabled: 'true' }]],
    [[SWITCHED, { name: 'core_insights', enabled: true, since: 1 }]],
    [[SWITCHED, 'core_insights']],
    [SWITCHED],
    [{ core_insights: true }],
  ])('cannot be set by %j, which changes nothing', async (body) => {
    const answer = await test.pce.put(FEATURES, body);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect(await enabled(test.pce)).toEqual(ATFIRST);
  });

  it.each(['editable_dns_client_rule', 'editable_dhcp_client_rule'])('%s is enabled with a key alone', async (name) => {
    const { pce } = test;
    const refused = await pce.put(FEATURES, [SWITCHED, { name, enabled: true }]);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'optional_feature_key_required']);
    expect(await enabled(pce)).toEqual(ATFIRST);
    expect((await pce.put(FEATURES, [{ name, enabled: true, key: 'a2V5' }])).status).toBe(204);
    expect(await enabled(pce)).toEqual([...ATFIRST, name]);
    expect((await pce.put(FEATURES, [{ name, enabled: false }])).status).toBe(204);
    expect(await enabled(pce)).toEqual(ATFIRST);
  });

  it('are those of an organisation alone', async () => {
    const { pce, emulator } = test;
    const other = test.as(emulator.allCredentials[1] ?? emulator.credentials);
    await pce.put(FEATURES, [SWITCHED]);
    expect(await enabled(other, '/orgs/10/optional_features')).toEqual(ATFIRST);
    expect([(await other.get(FEATURES)).status, (await other.put(FEATURES, [])).status]).toEqual([403, 403]);
  });

  it('leave an event that tells what was switched, and no key', async () => {
    const { pce } = test;
    await pce.put(FEATURES, [SWITCHED, { name: 'editable_dns_client_rule', enabled: true, key: 'very-secret' }]);
    const { body, text } = await pce.get('/orgs/1/events');
    expect(body).toHaveLength(1);
    expect(body[0]).toMatchObject({
      event_type: 'optional_features.update',
      resource_changes: [
        {
          changes: {
            [SWITCHED.name]: { before: false, after: true },
            editable_dns_client_rule: { before: false, after: true },
          },
        },
      ],
    });
    expect(text).not.toContain('very-secret');
  });
});
