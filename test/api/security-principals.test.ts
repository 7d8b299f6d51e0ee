import { tokenOf, useEmulator } from '../support/emulator.ts';
import { made, provisioned, ruleBody } from '../support/policy.ts';

const ALL = '/orgs/1/security_principals';
const SID = 'S-1-5-21-1004336348-1177238915-682003330-512';

describe('security principals', () => {
  const here = useEmulator();
  const create = async (body: object) => (await here.pce.post(ALL, body)).body;

  it('are created, read, listed, renamed and deleted', async () => {
    const made = await here.pce.post(ALL, { sid: SID, name: 'Finance' });
    expect(made.status).toBe(201);
    const { href } = made.body;
    const shown = { href, sid: SID, name: 'Finance', description: '', deleted: false, used_by_ruleset: false };
    expect((await here.pce.get(href)).body).toEqual(shown);
    expect((await here.pce.put(href, { name: 'Money' })).status).toBe(204);
    expect((await here.pce.get(ALL)).body).toEqual([{ ...shown, name: 'Money' }]);
    expect((await here.pce.delete(href)).status).toBe(204);
    expect((await here.pce.delete(href)).status).toBe(404);
    expect((await here.pce.get(ALL)).headers['x-total-count']).toBe('0');
  });

  it('are found by part of their name, an equal one first, and by their whole SID', async () => {
    await create({ sid: `${SID}1`, name: 'Finance of the north' });
    const { href } = await create({ sid: SID, name: 'finance' });
    const { body, headers } = await here.pce.get(`${ALL}?name=finance&max_results=1`);
    expect([body.map((one: { href: string }) => one.href), headers['x-total-count']]).toEqual([[href], '2']);
    expect((await here.pce.get(`${ALL}?sid=${SID}`)).body).toHaveLength(1);
  });

  it.each([
    ['no SID', { name: 'Finance' }, 'input_validation_error'],
    ['a SID that is none', { sid: 'finance', name: 'Finance' }, 'input_validation_error'],
    ['no name', { sid: SID }, 'input_validation_error'],
    ['an unknown key', { sid: SID, name: 'Finance', used_by_ruleset: true }, 'input_validation_error'],
    [
      'the SID of another',
      { sid: `${SID}1`.toLowerCase().replace('s', 'S'), name: 'Finance' },
      'security_principal_sid_not_unique',
    ],
  ])('are refused with %s, and nothing changes', async (_, body, token) => {
    await create({ sid: `${SID}1`, name: 'Money' });
    const before = (await here.pce.get(ALL)).text;
    const answer = await here.pce.post(ALL, body);
    expect([answer.status, tokenOf(answer)]).toEqual([406, token]);
    expect((await here.pce.get(ALL)).text).toBe(before);
  });

  it('keep their SID', async () => {
    const { href } = await create({ sid: SID, name: 'Finance' });
    expect((await here.pce.put(href, { sid: `${SID}1` })).status).toBe(406);
  });

  it('are not deleted while a rule is for them, as a draft or in force', async () => {
    const { href } = await create({ sid: SID, name: 'Finance' });
    const used = async () => {
      const { body } = await here.pce.get(href);
      expect((await here.pce.get(ALL)).body).toEqual([body]);
      const { status, body: refusal } = body.used_by_ruleset ? await here.pce.delete(href) : { status: 204, body: {} };
      return [body.used_by_ruleset, status, refusal[0]?.token];
    };
    const inUse = [true, 406, 'security_principal_referenced'];
    const set = await made(here.pce, 'rule_sets', { name: 'for people', scopes: [[]] });
    const rule = (await here.pce.post(`${set.href}/sec_rules`, ruleBody())).body;
    expect(await used()).toEqual([false, 204, undefined]);
    await here.pce.put(rule.href, { consuming_security_principals: [{ href }] });
    expect(await used()).toEqual(inUse);
    await provisioned(here.pce);
    await here.pce.put(rule.href, { consuming_security_principals: [] });
    expect(await used()).toEqual(inUse);
    await provisioned(here.pce);
    expect(await used()).toEqual([false, 204, undefined]);
    await here.pce.put(rule.href, { consuming_security_principals: [{ href }] });
    await here.pce.delete(rule.href);
    expect((await here.pce.delete(href)).status).toBe(204);
    await provisioned(here.pce);
    expect((await here.pce.get(href)).status).toBe(404);
  });

  it('leave events', async () => {
    const { href } = await create({ sid: SID, name: 'Finance' });
    await here.pce.put(href, { name: 'Money' });
    await here.pce.delete(href);
    const { body } = await here.pce.get('/orgs/1/events?max_results=3');
    expect(body.map((one: { event_type: string }) => one.event_type)).toEqual([
      'security_principal.delete',
      'security_principal.update',
      'security_principal.create',
    ]);
  });
});
