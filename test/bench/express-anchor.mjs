import { readFileSync } from 'node:fs';
import express from 'express';

/**
 * The anchor of the benchmark: Express as its manual shows it, with all defaults, and the same documents in
 * memory. No credentials, no validation, no store. Plain JavaScript, so that its start is Node's alone.
 * Usage: node express-anchor.mjs [FILE with { one, list, few }]
 */
const { one, list, few } = process.argv[2] ? JSON.parse(readFileSync(process.argv[2], 'utf8')) : {};
const clusters = '/api/v2/orgs/:org/container_clusters';

const app = express();
app.get('/_emulator/ready', (_req, res) => void res.json({ status: 'ready' }));
app.get(clusters, (req, res) => void res.json(req.query.max_results ? few : list));
app.get(`${clusters}/:id`, (_req, res) => void res.json(one));
app.post(clusters, express.json(), (req, res) => void res.status(201).json(req.body));
app.put(`${clusters}/:id`, express.json(), (_req, res) => void res.status(204).end());

const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ http_url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
