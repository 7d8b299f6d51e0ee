import { type Answer, compare, type Difference } from './comparison.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const LABEL = { href: '/orgs/1/labels/<label:integer>', key: 'role', value: 'Web', created_at: '<time>' };
const ACTUAL = { href: '/orgs/1/labels/7', key: 'role', value: 'Web', created_at: '2024-05-01T10:00:00.000Z' };
const REFUSAL = [{ token: 'name_must_be_unique', message: 'Name must be unique' }];

const expected = (status: number, body?: unknown, headers: Record<string, string> = JSON_TYPE) => ({
  status,
  headers,
  body: body === undefined ? '' : JSON.stringify(body),
});
const answer = (status: number, body?: unknown, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  text: body === undefined ? '' : JSON.stringify(body),
});
const differences = (wanted: ReturnType<typeof expected>, got: Answer, kept: [string, string][] = []): Difference[] =>
  compare(wanted, got, new Map(kept)).differences;
const found = (...given: Parameters<typeof differences>) =>
  differences(...given).map(({ severity, where, message }) => `${severity} ${where}: ${message}`);

describe('a comparison', () => {
  it('finds nothing where only ids, times and the order of keys are its own', () => {
    const { created_at, ...rest } = ACTUAL;
    expect(found(expected(200, LABEL), answer(200, { created_at, ...rest }))).toEqual([]);
  });

  it('keeps what named placeholders stand for', () => {
    expect(compare(expected(200, LABEL), answer(200, ACTUAL), new Map([['run', 'x']])).kept).toEqual(
      new Map([
        ['run', 'x'],
        ['label', '7'],
      ]),
    );
  });

  describe('calls critical', () => {
    it('another status, and then leaves the rest alone', () => {
      expect(differences(expected(201, LABEL), answer(406, REFUSAL))).toEqual([
        {
          severity: 'critical',
          where: 'status',
          expected: 201,
          actual: 406,
          message: `another status: ${JSON.stringify(REFUSAL)}`,
        },
      ]);
    });

    it('another status of the same class, and goes on with the body', () => {
      const { value, ...rest } = ACTUAL;
      expect(found(expected(201, LABEL), answer(200, rest))).toEqual([
        'critical status: another status',
        'critical /value: the key is missing',
      ]);
    });

    it('a key that is missing', () => {
      const { value, ...rest } = ACTUAL;
      expect(differences(expected(200, [LABEL]), answer(200, [rest]))).toEqual([
        { severity: 'critical', where: '/0/value', expected: 'Web', message: 'the key is missing' },
      ]);
    });

    it('an item that is missing', () => {
      expect(found(expected(200, [1, 2]), answer(200, [1]))).toEqual(['critical /1: the item is missing']);
    });

    it.each([
      [null, 'null'],
      [7, 'number'],
      [true, 'boolean'],
      [['Web'], 'array'],
      [{ value: 'Web' }, 'object'],
    ])('a value of another type: %j', (value, type) => {
      expect(found(expected(200, LABEL), answer(200, { ...ACTUAL, value }))).toEqual([
        `critical /value: ${type} instead of string`,
      ]);
    });

    it('a body that is missing, or no JSON', () => {
      expect(found(expected(200, LABEL), answer(200))).toEqual(['critical body: the body is missing']);
      expect(found(expected(200, LABEL), { ...answer(200), text: '<html>' })).toEqual([
        'critical body: the body is no JSON',
      ]);
    });

    it('a Content-Type that is not the same to the letter', () => {
      const type = { 'content-type': 'application/json; charset=utf-8' };
      expect(found(expected(200, LABEL), answer(200, ACTUAL, type))).toEqual(['critical Content-Type: another value']);
      expect(found(expected(200, LABEL), answer(200, ACTUAL, { 'content-type': undefined }))).toEqual([
        'critical Content-Type: the header is missing',
      ]);
    });
  });

  describe('warns of', () => {
    it('a key that is extra', () => {
      expect(differences(expected(200, LABEL), answer(200, { ...ACTUAL, 'a/b~c': 1 }))).toEqual([
        { severity: 'warning', where: '/a~1b~0c', actual: 1, message: 'the key is extra' },
      ]);
    });

    it('an item too many', () => {
      expect(found(expected(200, []), answer(200, [ACTUAL]))).toEqual(['warning /0: the item is extra']);
    });

    it('a body where none was expected', () => {
      expect(found(expected(204, undefined, {}), answer(204, {}))).toEqual([
        'warning body: a body where none was expected',
      ]);
    });

    it('another token of an error', () => {
      const other = [{ ...REFUSAL[0], token: 'name_not_unique' }];
      expect(found(expected(406, REFUSAL), answer(406, other))).toEqual(['warning /0/token: another value']);
    });

    it('an id that is not the same as before', () => {
      const again = { ...LABEL, href: '/orgs/1/labels/{{label}}' };
      expect(found(expected(200, again), answer(200, ACTUAL), [['label', '7']])).toEqual([]);
      expect(found(expected(200, again), answer(200, ACTUAL), [['label', '8']])).toEqual([
        'warning /href: another reference',
      ]);
    });
  });

  describe('notes', () => {
    it('another value', () => {
      expect(differences(expected(200, LABEL), answer(200, { ...ACTUAL, value: 'Mail' }))).toEqual([
        { severity: 'note', where: '/value', expected: 'Web', actual: 'Mail', message: 'another value' },
      ]);
      expect(found(expected(200, { online: false }), answer(200, { online: true }))).toEqual([
        'note /online: another value',
      ]);
    });

    it('another message of an error', () => {
      const other = [{ ...REFUSAL[0], message: 'Taken' }];
      expect(found(expected(406, REFUSAL), answer(406, other))).toEqual(['note /0/message: another value']);
    });

    it('a header that differs or is missing', () => {
      const headers = { 'X-Total-Count': '1' };
      expect(found(expected(200, [], headers), answer(200, [], { 'x-total-count': '2' }))).toEqual([
        'note X-Total-Count: another value',
      ]);
      expect(found(expected(200, [], headers), answer(200, []))).toEqual(['note X-Total-Count: the header is missing']);
    });

    it('an id or a time of another form, and keeps it all the same', () => {
      const odd = { ...ACTUAL, href: '/orgs/1/labels/x7', created_at: 'today' };
      expect(found(expected(200, LABEL), answer(200, odd))).toEqual([
        'note /href: not of the form of integer',
        'note /created_at: not of the form of time',
      ]);
      expect(compare(expected(200, LABEL), answer(200, odd), new Map()).kept.get('label')).toBe('x7');
    });
  });

  it('takes from an answer what an earlier one owed', () => {
    const owed = { href: '/orgs/1/labels/{{label}}' };
    const compared = compare(expected(200, owed), answer(200, { href: '/orgs/1/labels/7' }), new Map());
    expect(compared).toEqual({ differences: [], kept: new Map([['label', '7']]) });
  });

  it('shows no secrets', () => {
    const told = { container_cluster_token: '1_x', activation_code: '1x', key: { api_secret: 's', token: 't' } };
    const shown = JSON.stringify(
      differences(expected(201, { container_cluster_token: '<token>' }), answer(201, told)).map((one) => one.actual),
    );
    expect(shown).toBe(JSON.stringify(['(secret)', '(secret)', { api_secret: '(secret)', token: '(secret)' }]));
  });
});
