// @ts-check
// JavaScript, because Node 20 loads no TypeScript into a worker thread. Runs apart from the main thread: PKCS#12's key
// derivation costs what the file says it costs (RFC 7292, appendix B).
import { parentPort, workerData } from 'node:worker_threads';
import forge from 'node-forge';

/** @param {{ bytes: Uint8Array, password: string }} input */
const split = ({ bytes, password }) => {
  const asn1 = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('binary')));
  let pfx;
  try {
    pfx = forge.pkcs12.pkcs12FromAsn1(asn1, false, password);
  } catch (error) {
    // forge has no codes; a wrong password fails at the MAC, or where there is none at the padding.
    const wrong = error instanceof Error && /mac could not be verified|decrypt/i.test(error.message);
    return { failure: wrong ? 'password' : 'unreadable' };
  }
  const { pkcs8ShroudedKeyBag: shrouded, keyBag, certBag } = forge.pki.oids;
  const bagsOf = (/** @type {string | undefined} */ type) =>
    type === undefined ? [] : (pfx.getBags({ bagType: type })[type] ?? []);
  const bag = [...bagsOf(shrouded), ...bagsOf(keyBag)].find(({ key }) => key != null);
  const key = bag?.key;
  if (key == null || !('n' in key)) return { failure: 'incomplete' };
  const modulus = key.n.toString(16);
  const own = bagsOf(certBag).find(({ cert }) => {
    const own = cert?.publicKey;
    return own != null && 'n' in own && own.n.toString(16) === modulus;
  });
  if (own?.cert == null) return { failure: 'incomplete' };
  const info = forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key));
  return { certificatePem: forge.pki.certificateToPem(own.cert), privateKeyPem: forge.pki.privateKeyInfoToPem(info) };
};

const answer = () => {
  try {
    return split(workerData);
  } catch {
    return { failure: 'unreadable' };
  }
};

parentPort?.postMessage(answer());
