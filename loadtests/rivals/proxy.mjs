// A CONNECT proxy as small as Node makes it, HTTP/1.1 in cleartext and HTTP/2 over TLS: proxy.mjs PLAIN-PORT TLS-PORT CERT KEY WORKERS
import cluster from 'node:cluster';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

const [plain, tls, cert, key, workers] = process.argv.slice(2);

function dial(authority) {
  const colon = authority.lastIndexOf(':');
  return net.connect({ host: authority.slice(0, colon), port: +authority.slice(colon + 1), noDelay: true, allowHalfOpen: true });
}

function join(client, origin) {
  client.pipe(origin);
  origin.pipe(client);
}

function serve() {
  const one = http.createServer((_, answer) => answer.writeHead(405).end());
  one.on('connection', socket => { socket.allowHalfOpen = true; });
  one.on('connect', (request, client, head) => {
    const origin = dial(request.url);
    client.on('error', () => origin.destroy());
    client.on('close', () => origin.destroy());
    origin.on('error', () => client.destroy());
    origin.on('connect', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      if (head.length) origin.write(head);
      join(client, origin);
    });
  });
  one.listen(+plain, '127.0.0.1');

  const two = http2.createSecureServer({
    cert: fs.readFileSync(cert),
    key: fs.readFileSync(key),
    settings: { initialWindowSize: 1 << 20, maxConcurrentStreams: 1000 },
    maxSessionMemory: 1000,
  });
  two.on('session', session => {
    try { session.setLocalWindowSize(4 << 20); } catch { /* closed already */ }
    session.on('error', () => {});
  });
  two.on('stream', (stream, fields) => {
    stream.on('error', () => {});
    if (fields[':method'] !== 'CONNECT') {
      stream.respond({ ':status': 405 }, { endStream: true });
      return;
    }
    const origin = dial(fields[':authority']);
    origin.on('error', () => stream.close());
    stream.on('close', () => origin.destroy());
    origin.on('connect', () => {
      stream.respond({ ':status': 200 });
      join(stream, origin);
    });
  });
  two.listen(+tls, '127.0.0.1');
}

if (cluster.isPrimary && +workers > 1) for (let i = 0; i < +workers; i++) cluster.fork();
else serve();
