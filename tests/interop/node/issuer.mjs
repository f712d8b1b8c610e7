// Cloudflare's issuer behind HTTP on a free port: prints "ready URL", ends with standard input.
// POST /verify answers with 200 when a token (base64url, in the body) is one of its own, else with 403.
import './webcrypto.mjs';
import { createServer } from 'node:http';
import { privateVerif, publicVerif, MediaType, PRIVATE_TOKEN_ISSUER_DIRECTORY, Token, TOKEN_TYPES } from '@cloudflare/privacypass-ts';

const type = process.argv[2] === '1' ? TOKEN_TYPES.VOPRF : TOKEN_TYPES.BLIND_RSA;
const { issuer, publicKey, parseRequest } = type === TOKEN_TYPES.VOPRF ? await createPrivate() : await createPublic();

const server = createServer(async (request, response) => {
  try {
    await answer(request, response);
  } catch (error) {
    console.error(error);
    response.writeHead(422).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();

async function answer(request, response) {
  if (request.url === PRIVATE_TOKEN_ISSUER_DIRECTORY) {
    const key = { 'token-type': type.value, 'token-key': base64url(publicKey) };
    response.writeHead(200, { 'Content-Type': MediaType.PRIVATE_TOKEN_ISSUER_DIRECTORY });
    response.end(JSON.stringify({ 'issuer-request-uri': '/token-request', 'token-keys': [key] }));
  } else if (request.url === '/token-request' && request.headers['content-type'] === MediaType.PRIVATE_TOKEN_REQUEST) {
    const issued = await issuer.issue(parseRequest(await body(request)));
    response.writeHead(200, { 'Content-Type': MediaType.PRIVATE_TOKEN_RESPONSE }).end(issued.serialize());
  } else if (request.url === '/verify') {
    const token = Token.deserialize(type, new Uint8Array(Buffer.from((await body(request)).toString(), 'base64url')));
    response.writeHead((await issuer.verify(token)) ? 200 : 403).end();
  } else {
    response.writeHead(404).end();
  }
}

async function createPrivate() {
  const keys = await privateVerif.keyGen();
  return {
    issuer: new privateVerif.Issuer('issuer.example', keys.privateKey, keys.publicKey),
    publicKey: keys.publicKey,
    parseRequest: (bytes) => privateVerif.TokenRequest.deserialize(new Uint8Array(bytes)),
  };
}

async function createPublic() {
  const mode = publicVerif.BlindRSAMode.PSS;
  const keys = await publicVerif.Issuer.generateKey(mode, { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) });
  return {
    // WebCrypto of Node has no raw RSA operation; without it the library takes its own.
    issuer: new publicVerif.Issuer(mode, 'issuer.example', keys.privateKey, keys.publicKey, { supportsRSARAW: false }),
    publicKey: await publicVerif.getPublicKeyBytes(keys.publicKey),
    parseRequest: (bytes) => publicVerif.TokenRequest.deserialize(type, new Uint8Array(bytes)),
  };
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function base64url(bytes) {
  const text = Buffer.from(bytes).toString('base64url');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}
