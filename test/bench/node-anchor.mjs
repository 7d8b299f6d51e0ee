import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * The steadier anchor: node:http with nothing but JSON.stringify, on the same URLs as the Express anchor.
 * Usage: node node-anchor.mjs [FILE with { one, list, few }]
 */
const { one, list, few } = process.argv[2] ? JSON.parse(readFileSync(process.argv[2], 'utf8')) : {};

function send(res, status, value) {
  const text = JSON.stringify(value);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
}

function withBody(req, done) {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => done(JSON.parse(Buffer.concat(chunks).toString())));
}

const server = createServer((req, res) => {
  const [path, query] = req.url.split('?');
  if (req.method === 'POST') return withBody(req, (body) => send(res, 201, body));
  if (req.method === 'PUT') return withBody(req, () => void res.writeHead(204).end());
  if (path === '/_emulator/ready') return send(res, 200, { status: 'ready' });
  if (path.endsWith('/container_clusters')) return send(res, 200, query ? few : list);
  send(res, 200, one);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ http_url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
