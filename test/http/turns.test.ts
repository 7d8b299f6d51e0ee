import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createArrivals } from '../../src/http/arrivals.ts';
import { inTurn } from '../../src/http/turns.ts';

describe('requests that wait for their turn', () => {
  it('are so many that no more is read, whatever their length', async () => {
    const answering: ServerResponse[] = [];
    const turns = inTurn((req, res) => {
      req.resume();
      answering.push(res);
    }, createArrivals(60_000));
    const sockets: Socket[] = [];
    const server = createServer(turns.handle).on('connection', (socket) => {
      sockets.push(socket);
      turns.watch(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    for (const length of [100, 5000, 20_000, 100_000]) {
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
      const post = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`;
      client.write(post.repeat(Math.ceil(10_000_000 / post.length)));
      await new Promise((resolve) => setTimeout(resolve, 200));
      // Sixteen of 20 kB, and what Node takes in one piece.
      expect([length, (sockets.at(-1)?.bytesRead ?? 0) < 600_000]).toEqual([length, true]);
      client.destroy();
    }
    expect(answering).toHaveLength(4);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
