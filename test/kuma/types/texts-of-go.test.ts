import { isIp, splitHostPort } from '../../../src/kuma/addresses.ts';
import { quoted } from '../../../src/kuma/causes.ts';
import { portOfRequestUri } from '../../../src/kuma/request-uri.ts';

/** What Go answers, run. */
describe('what the original leaves to Go', () => {
  it.each([
    ['plain', '"plain"'],
    ['a "b" \\', '"a \\"b\\" \\\\"'],
    ['\x07\b\f\n\r\t\v\0\x7f', '"\\a\\b\\f\\n\\r\\t\\v\\x00\\x7f"'],
    ['é \u{1f600}', '"é \u{1f600}"'],
    ['\u00a0\u200b\ue000\u{e0000}', '"\\u00a0\\u200b\\ue000\\U000e0000"'],
  ])('quotes %j', (text, expected) => {
    expect(quoted(text)).toBe(expected);
  });

  it('knows addresses', () => {
    const good = ['1.2.3.4', '0.0.0.0', '::', '::1', '1::', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7::', '::1.2.3.4', 'A::f'];
    const bad = ['', '1', '1.2.3', '1.2.3.4.5', '00.1.1.1', ':', ':::', '1:2:3:4:5:6:7:8::', '1::2::3', '12345::'];
    const worse = ['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:1.2.3.4', '1.2.3.4::', '::1.2.3.256', '::g', '::1%1', '[::]', '1:'];
    expect(good.filter((text) => !isIp(text))).toEqual([]);
    expect([...bad, ...worse].filter(isIp)).toEqual([]);
  });

  it('finds host and port', () => {
    expect(splitHostPort('a:b')).toEqual({ host: 'a', port: 'b' });
    expect(splitHostPort(':')).toEqual({ host: '', port: '' });
    expect(splitHostPort('[::1]:80')).toEqual({ host: '::1', port: '80' });
    for (const text of ['', 'a', 'a:b:c', '[a', '[a]', '[a]b:c', 'a]:b', '[a[]:b', 'a:b]']) {
      expect(splitHostPort(text)).toBeUndefined();
    }
  });

  it.each([
    ['80', ['http://a:80', 'HTTP://u:p%40@a:80/x?y', 'a+b://[::1]:80', 'http://é%c3%a9:80', 'tcp://u@v@a:80/%41#b']],
    ['', ['*', '/', '//a:80', 'a:80', 'http:/a:80', 'http://a', 'http://a:', 'http://[::1]', 'http://', 'a:b?c']],
    [
      undefined,
      [
        '',
        'a',
        '1:80',
        ':80',
        '?a',
        'http://a b',
        'http://a:b',
        'http://%41',
        'http://a%',
        'http://[::1',
        'http://a\n',
      ],
    ],
  ])('finds the port %j', (port, texts) => {
    expect(texts.map(portOfRequestUri)).toEqual(texts.map(() => port));
  });
});
