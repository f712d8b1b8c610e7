// Debian's node 18 has no global crypto; the library under test expects node 20's. Imported first.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
