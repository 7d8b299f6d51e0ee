import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const DRAFTS = '/orgs/1/sec_policy/draft/ip_lists';
const ACTIVE = '/orgs/1/sec_policy/active/ip_lists';
const ANY = 'Any (0.0.0.0/0 and ::/0)';

describe('IP lists', () => {
  const test = useEmulator();

  const created = async (body: Json = {}) => {
    const answer = await test.pce.post(DRAFTS, { name: 'offices', ...body });
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body;
  };
  const refused = async (body: Json) => tokenOf(await test.pce.post(DRAFTS, { name: 'x', ...body }));
  const namesOf = async (query: string, list = DRAFTS): Promise<string[]> =>
    (await test.pce.get(`${list}${query}`)).body.map(({ name }: Json) => name);

  it('begin with all addresses in every organisation, as a draft and in force', async () => {
    const other = (await test.control.post('/orgs', {})).body;
    for (const [client, org] of [
      [test.pce, 1],
      [test.as(other), other.org_id],
    ] as const) {
      for (const version of ['draft', 'active']) {
        const list = `/orgs/${org}/sec_policy/${version}/ip_lists`;
        const { body } = await client.get(`${list}?name=${encodeURIComponent(ANY)}`);
        expect(body).toEqual([
          {
            href: `${list}/1`,
            created_at: expect.any(String),
            updated_at: expect.any(String),
            deleted_at: null,
            created_by: { href: '/users/0' },
            updated_by: { href: '/users/0' },
            deleted_by: null,
            ...(version === 'draft' ? { update_type: null } : {}),
            name: ANY,
            ip_ranges: [
              { from_ip: '0.0.0.0/0', exclusion: false },
              { from_ip: '::/0', exclusion: false },
            ],
            fqdns: [],
            external_data_set: null,
            external_data_reference: null,
          },
        ]);
      }
    }
  });

  it('keep that one as it is', async () => {
    for (const answer of [await test.pce.put(`${DRAFTS}/1`, { ip_ranges: [] }), await test.pce.delete(`${DRAFTS}/1`)]) {
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'default_object_cannot_be_changed']);
    }
    expect((await test.pce.get(`${DRAFTS}/1`)).body.ip_ranges).toHaveLength(2);
  });

  it('take addresses, blocks, ranges and names, and show whether each is an exclusion', async () => {
    // What the integration tests of the official Python client make.
    const list = await created({
      description: 'Made by a test',
      ip_ranges: [
        { from_ip: '192.168.0.0/16', description: 'Local network addresses' },
        { from_ip: '10.0.0.1', to_ip: '10.0.1.255', description: 'Private addresses' },
        { from_ip: '127.0.0.1', description: 'Loopback address' },
        { from_ip: '192.168.0.1', exclusion: true, description: 'Exclude router address' },
      ],
      fqdns: [{ fqdn: '*.internal.labs.io', description: 'Internal lab domains' }, { fqdn: 'localhost' }],
      external_data_set: 'set',
      external_data_reference: 'a',
    });
    expect(list).toMatchObject({
      href: `${DRAFTS}/2`,
      update_type: 'create',
      description: 'Made by a test',
      ip_ranges: [
        { description: 'Local network addresses', from_ip: '192.168.0.0/16', exclusion: false },
        { description: 'Private addresses', from_ip: '10.0.0.1', to_ip: '10.0.1.255', exclusion: false },
        { description: 'Loopback address', from_ip: '127.0.0.1', exclusion: false },
        { description: 'Exclude router address', from_ip: '192.168.0.1', exclusion: true },
      ],
      fqdns: [{ fqdn: '*.internal.labs.io', description: 'Internal lab domains' }, { fqdn: 'localhost' }],
    });
    expect((await test.pce.get(list.href)).body).toEqual(list);
  });

  it('show no end that was sent as nothing, and no description that was not sent', async () => {
    const { ip_ranges, ...list } = await created({
      ip_ranges: [
        { from_ip: '10.0.0.1', to_ip: '', description: null },
        { from_ip: '10.0.0.2', to_ip: null, exclusion: false },
      ],
    });
    expect(ip_ranges).toEqual([
      { from_ip: '10.0.0.1', exclusion: false },
      { from_ip: '10.0.0.2', exclusion: false },
    ]);
    expect(list).not.toHaveProperty('description');
  });

  it.each([
    ['0.0.0.0', undefined],
    ['255.255.255.255/32', undefined],
    ['10.1.2.3/8', undefined],
    ['::', undefined],
    ['::1', undefined],
    ['fe80::/10', undefined],
    ['2001:db8::1', '2001:db8::ffff'],
    ['2001:DB8:0:0:8:800:200C:417A', undefined],
    ['1::8', undefined],
    ['::ffff:10.0.0.1', undefined],
    ['64:ff9b::192.0.2.33/128', undefined],
    ['10.0.0.1', '10.0.0.1'],
    ['9.255.255.255', '10.0.0.0'],
  ])('take from %s to %s', async (from_ip, to_ip) => {
    const { ip_ranges } = await created({ ip_ranges: [{ from_ip, to_ip }] });
    expect(ip_ranges).toEqual([{ from_ip, ...(to_ip && { to_ip }), exclusion: false }]);
  });

  it.each([
    ['', undefined],
    ['10.0.0', undefined],
    ['10.0.0.256', undefined],
    ['10.0.0.01', undefined],
    ['10.0.0.0.1', undefined],
    ['10.0.0.0/33', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0/08', undefined],
    ['10.0.0.0/-1', undefined],
    ['10.0.0.0/8/8', undefined],
    ['10.0.0.0-10.0.0.9', undefined],
    [' 10.0.0.1', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1:2:3:4:5:6:7::8', undefined],
    ['1::2::3', undefined],
    ['1:::2', undefined],
    ['::12345', undefined],
    ['::g', undefined],
    ['::/129', undefined],
    ['::10.0.0.256', undefined],
    ['10.0.0.1::', undefined],
    ['fe80::1%eth0', undefined],
    ['example.com', undefined],
    ['10.0.0.2', '10.0.0.1'],
    ['10.0.0.1', '::1'],
    ['::1', '10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.0/8'],
    ['10.0.0.1', 'x'],
  ])('do not take from %s to %s', async (from_ip, to_ip) => {
    expect(await refused({ ip_ranges: [{ from_ip, to_ip }] })).toBe('input_validation_error');
    expect(await namesOf('')).toEqual([ANY]);
  });

  it.each([
    [true, ['10.0.0.0/8'], ['10.1.0.0/16', '10.0.0.0', '10.255.255.255']],
    [true, ['10.0.0.0/9', '10.128.0.0/9'], ['10.127.0.0-10.128.0.0']],
    [true, ['10.0.0.0/8', '10.0.0.0/9', '11.0.0.0'], ['10.127.0.0-10.128.0.0', '10.255.255.255-11.0.0.0']],
    [true, ['::/0', '10.0.0.0/8'], ['fe80::/10', '10.0.0.1']],
    [false, ['10.0.0.0/8'], ['10.0.0.0/8']],
    [false, ['10.0.0.0/9', '10.128.0.0/9'], ['10.0.0.0/8']],
    [false, ['10.0.0.0/8'], ['11.0.0.0']],
    [false, ['10.0.0.0/8'], ['9.0.0.0-10.0.0.0']],
    [false, ['10.0.0.0/8'], ['10.1.0.0', '10.255.0.0-11.0.0.0']],
    [false, ['::/0'], ['10.0.0.0/8']],
    [false, ['0.0.0.0/0'], ['::1']],
    [false, [], ['10.0.0.0/8']],
  ])('take exclusions within the other addresses alone: %s of %j without %j', async (fit, included, excluded) => {
    const ranges = (texts: string[], exclusion: boolean) =>
      texts.map((text) => ({ from_ip: text.split('-')[0], to_ip: text.split('-')[1], exclusion }));
    const ip_ranges = [...ranges(excluded, true), ...ranges(included, false)];
    const { status } = await test.pce.post(DRAFTS, { name: 'x', ip_ranges });
    expect(status).toBe(fit ? 201 : 406);
  });

  it.each([
    ['a range without a start', { ip_ranges: [{ to_ip: '10.0.0.1' }] }],
    ['a range as a text', { ip_ranges: ['10.0.0.1'] }],
    ['what no range has', { ip_ranges: [{ from_ip: '10.0.0.1', name: 'x' }] }],
    ['a name that is empty', { fqdns: [{ fqdn: '' }] }],
    ['a name with a space', { fqdns: [{ fqdn: 'a b' }] }],
    ['names as texts', { fqdns: ['example.com'] }],
    ['null for ranges', { ip_ranges: null }],
    ['no name', { name: '' }],
    ['a size', { size: 3 }],
    ['an update type', { update_type: 'create' }],
  ])('are refused with %s, and nothing changes', async (_what, body) => {
    const { href } = await created();
    const before = (await test.pce.get(DRAFTS)).body;
    expect(await refused(body)).toBe('input_validation_error');
    expect(tokenOf(await test.pce.put(href, body))).toBe('input_validation_error');
    expect((await test.pce.get(DRAFTS)).body).toEqual(before);
  });

  it('have names of their own', async () => {
    const { href } = await created();
    const again = await test.pce.post(DRAFTS, { name: 'offices' });
    expect([again.status, again.body]).toEqual([
      406,
      [{ token: 'ip_list_name_not_unique', message: 'IP List name must be unique' }],
    ]);
    const other = await created({ name: 'homes' });
    expect(tokenOf(await test.pce.put(other.href, { name: 'offices' }))).toBe('ip_list_name_not_unique');
    expect((await test.pce.put(other.href, { name: 'homes' })).status).toBe(204);
    expect(await refused({ name: ANY })).toBe('ip_list_name_not_unique');
    await test.pce.delete(href);
    expect((await test.pce.post(DRAFTS, { name: 'offices' })).status).toBe(201);
  });

  it('share no external reference', async () => {
    await created({ external_data_set: 'set', external_data_reference: 'a' });
    expect(await refused({ external_data_set: 'set', external_data_reference: 'a' })).toBe(
      'external_reference_not_unique',
    );
  });

  it('keep what a change does not name, and lose what it empties', async () => {
    const list = await created({ ip_ranges: [{ from_ip: '10.0.0.1' }], fqdns: [{ fqdn: 'localhost' }] });
    expect((await test.pce.put(list.href, { description: 'Without names', fqdns: [] })).status).toBe(204);
    expect((await test.pce.get(list.href)).body).toEqual({
      ...list,
      description: 'Without names',
      fqdns: [],
      updated_at: expect.any(String),
    });
  });

  it('are found by part of an address or of a name of a machine, as they are written', async () => {
    await created({ name: 'one', ip_ranges: [{ from_ip: '10.0.0.0/8', description: '172.16.0.1' }] });
    await created({ name: 'two', ip_ranges: [{ from_ip: '10.1.0.1', to_ip: '10.1.0.77' }] });
    await created({ name: 'three', fqdns: [{ fqdn: '*.Example.com', description: '10.0.0.0' }] });
    expect(await namesOf('?ip_address=10.')).toEqual(['one', 'two']);
    expect(await namesOf('?ip_address=10.1.0.77')).toEqual(['two']);
    expect(await namesOf('?ip_address=172')).toEqual([]);
    expect(await namesOf('?fqdn=example')).toEqual(['three']);
    expect(await namesOf('?fqdn=10')).toEqual([]);
    expect(await namesOf('?ip_address=10.&name=o')).toEqual(['one', 'two']);
    expect(await namesOf('?fqdn=example', ACTIVE)).toEqual([]);
    await test.pce.post('/orgs/1/sec_policy', {});
    expect(await namesOf('?fqdn=example', ACTIVE)).toEqual(['three']);
  });

  it('are found by part of a name or description and by external reference, and counted without that', async () => {
    await created({ name: 'north office', description: 'Up', external_data_set: 'set', external_data_reference: 'a' });
    await created({ name: 'office' });
    expect(await namesOf('?name=office')).toEqual(['office', 'north office']);
    expect(await namesOf('?description=up')).toEqual(['north office']);
    expect(await namesOf('?external_data_set=set&external_data_reference=a')).toEqual(['north office']);
    const { headers } = await test.pce.get(`${DRAFTS}?name=office&ip_address=10&max_results=0`);
    expect(headers['x-total-count']).toBe('3');
  });
});
