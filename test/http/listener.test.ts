import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { checkServerIdentity, connect as tlsConnect } from 'node:tls';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { createCertificate } from '../../src/http/certificate.ts';

interface Got {
  readonly status: number | undefined;
  readonly text: string;
}

const READY = '/_emulator/ready';

function get(url: string, options: { ca?: string; servername?: string } = {}): Promise<Got> {
  const send = url.startsWith('https') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { ...options, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('one port', () => {
  const open: Emulator[] = [];
  afterEach(async () => {
    for (const emulator of open.splice(0)) await emulator.close();
  });
  const start = async (options: EmulatorOptions = {}) => {
    const emulator = await startEmulator({ world: 'empty', ...options });
    open.push(emulator);
    return { emulator, port: new URL(emulator.url).port };
  };

  it('speaks HTTPS to clients that trust its authority, and plain HTTP', async () => {
    const { emulator } = await start();
    expect((await get(emulator.http_url + READY)).status).toBe(200);
    expect((await get(emulator.url + READY, { ca: emulator.ca })).status).toBe(200);
    await expect(get(emulator.url + READY)).rejects.toThrow(/certificate/);
  });

  it('hands out its authority over HTTP, the same as in the file', async () => {
    const { emulator } = await start();
    const { text } = await get(`${emulator.http_url}/_emulator/ca.pem`);
    expect(text).toBe(emulator.ca);
    expect(text).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  it('hands out nothing but the certificate of a file that holds the key as well', async () => {
    const { cert, key } = await createCertificate(['localhost']);
    const { emulator } = await start({ tls: { cert: key + cert, key: key + cert } });
    const { text } = await get(`${emulator.http_url}/_emulator/ca.pem`);
    expect([text, emulator.ca, readFileSync(emulator.ca_file, 'utf8')]).toEqual([cert, cert, cert]);
  });

  it.each(['localhost', '127.0.0.1', '::1', 'pce.example.test', '10.1.2.3'])(
    'has a certificate for %s',
    async (name) => {
      const { emulator, port } = await start({ tls: { names: ['pce.example.test', '10.1.2.3'] } });
      const problem = await new Promise((resolve, reject) => {
        const socket = tlsConnect(
          { host: '127.0.0.1', port: Number(port), ca: emulator.ca, checkServerIdentity: () => undefined },
          () => {
            resolve(checkServerIdentity(name, socket.getPeerCertificate()));
            socket.destroy();
          },
        );
        socket.on('error', reject);
      });
      expect(problem).toBeUndefined();
    },
  );

  it('has no certificate for other names', async () => {
    const { emulator, port } = await start();
    await expect(
      get(`https://127.0.0.1:${port}${READY}`, { ca: emulator.ca, servername: 'elsewhere.test' }),
    ).rejects.toThrow(/elsewhere\.test/);
  });

  it('carries the key identifiers that Python 3.13 and other strict clients insist on', async () => {
    const { ca, cert } = await createCertificate([]);
    const has = (pem: string, identifier: string) =>
      new X509Certificate(pem).raw.includes(Buffer.from(identifier, 'hex'));
    const [subjectKey, authorityKey] = ['0603551d0e', '0603551d23'];
    expect({ ca: has(ca, subjectKey), cert: has(cert, subjectKey), signer: has(cert, authorityKey) }).toEqual({
      ca: true,
      cert: true,
      signer: true,
    });
    expect(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey)).toBe(true);
  });

  it('is for addresses, however they are written', async () => {
    const addresses = ['::ffff:1.2.3.4', '64:ff9b::10.0.0.1', '1::', 'fe80::1%lo', '10.1.2.3'];
    const certificate = new X509Certificate((await createCertificate(addresses)).cert);
    const without = (zone: string) => zone.replace(/%.*/, '');
    expect(addresses.filter((address) => !certificate.checkIP(without(address)))).toEqual([]);
    expect(certificate.checkIP('1.2.3.4')).toBeUndefined();
  });

  it('shows a certificate that was brought along', async () => {
    const own = await createCertificate([]);
    const { emulator } = await start({ tls: { cert: own.cert, key: own.key } });
    expect((await get(emulator.url + READY, { ca: own.ca })).status).toBe(200);
  });

  it('serves others while one connection says nothing, one speaks nonsense and one breaks off', async () => {
    const { emulator, port } = await start();
    const silent = connect(Number(port), '127.0.0.1');
    const nonsense = connect(Number(port), '127.0.0.1', () => nonsense.write('\u0016nonsense\r\n\r\n'));
    const broken = connect(Number(port), '127.0.0.1', () => broken.resetAndDestroy());
    for (const socket of [silent, nonsense, broken]) socket.on('error', () => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await get(emulator.url + READY, { ca: emulator.ca })).status).toBe(200);
    for (const socket of [silent, nonsense]) socket.destroy();
  });

  it('answers a request that comes byte by byte, and two that come at once', async () => {
    const { port } = await start();
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', async () => {
        for (const byte of `GET ${READY} HTTP/1.1\r\nHost: x\r\n\r\n`) {
          socket.write(byte);
          await new Promise((next) => setImmediate(next));
        }
        const again = `GET ${READY} HTTP/1.1\r\nHost: x\r\n`;
        socket.write(`${again}\r\n${again}Connection: close\r\n\r\n`);
      });
      let all = '';
      socket.on('data', (chunk) => {
        all += chunk;
      });
      socket.on('end', () => resolve(all));
      socket.on('error', reject);
    });
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  it('refuses what comes before the reply to the one before is out', async () => {
    const { port } = await start();
    const text = await new Promise<string>((resolve, reject) => {
      let all = '';
      const socket = connect(Number(port), '127.0.0.1', () => {
        const once = 'GET /_emulator/docs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
        socket.write(`${once}GET /_emulator/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
      });
      socket.on('data', (chunk) => {
        all += chunk;
      });
      socket.on('end', () => resolve(all));
      socket.on('error', reject);
    });
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });

  it('answers 413 to a body that is far too large, whole, before it has come', async () => {
    const { emulator } = await start();
    const { api_key, api_secret } = emulator.credentials;
    const headers = { authorization: `Basic ${btoa(`${api_key}:${api_secret}`)}`, 'content-type': 'application/json' };
    for (let attempt = 0; attempt < 5; attempt++) {
      const body = ' '.repeat(8 * 1024 * 1024);
      const answer = await fetch(`${emulator.http_url}/api/v2/orgs/1/labels`, { method: 'POST', headers, body });
      expect([answer.status, ((await answer.json()) as { token: string }[])[0]?.token]).toEqual([
        413,
        'request_entity_too_large_error',
      ]);
    }
  });

  it('takes a whole URL in the request line, as clients of a proxy send it', async () => {
    const { emulator, port } = await start();
    const path = `http://pce.example.test${READY}`;
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end();
    });
    expect([status, emulator.world]).toEqual([200, 'empty']);
  });

  it('lets a reply that is under way go out when it is closed', async () => {
    const { emulator } = await start();
    const { api_key, api_secret } = emulator.credentials;
    const headers = { authorization: `Basic ${btoa(`${api_key}:${api_secret}`)}`, 'content-type': 'application/json' };
    const url = `${emulator.http_url}/api/v2/orgs/1/container_clusters`;
    const description = 'x'.repeat(4000);
    for (let batch = 0; batch < 20; batch++) {
      const posts = Array.from({ length: 100 }, (_, index) => {
        const body = JSON.stringify({ name: `${batch}-${index}`, description });
        return fetch(url, { method: 'POST', headers, body });
      });
      await Promise.all(posts.map(async (post) => (await post).text()));
    }
    const announced = await new Promise<{ length: number; received: Promise<number> }>((resolve, reject) => {
      const request = httpRequest(`${url}?max_results=2000`, { headers, agent: false }, (response) => {
        response.pause();
        const received = new Promise<number>((whole) => {
          let bytes = 0;
          response.on('data', (chunk) => {
            bytes += chunk.length;
          });
          response.on('close', () => whole(bytes));
          response.pause();
        });
        setTimeout(() => response.resume(), 300);
        resolve({ length: Number(response.headers['content-length']), received });
      });
      request.on('error', reject);
      request.end();
    });
    await emulator.close();
    expect(await announced.received).toBe(announced.length);
  });

  it('does not wait for a handshake that is under way when it is closed', async () => {
    const { emulator, port } = await start();
    const begun = connect(Number(port), '127.0.0.1', () => begun.write(Buffer.from('160301020001', 'hex')));
    begun.on('error', () => {});
    await get(emulator.http_url + READY);
    const before = performance.now();
    await emulator.close();
    expect(performance.now() - before).toBeLessThan(2500);
    begun.destroy();
  });

  it('is free again once the emulator is closed, also while a client holds a connection', async () => {
    const { emulator, port } = await start();
    const held = connect(Number(port), '127.0.0.1');
    const dropped = new Promise((resolve) => held.once('close', resolve));
    held.on('error', () => {});
    await new Promise((resolve) => held.once('connect', resolve));
    await emulator.close();
    await dropped;
    await start({ port: Number(port) });
  });

  it('says so when it is taken', async () => {
    const { port } = await start();
    await expect(start({ port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
