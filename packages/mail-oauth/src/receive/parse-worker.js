// @ts-check
// JavaScript, because Node 20 loads no TypeScript into a worker thread. Runs apart from the main thread: mailparser holds
// the event loop for as long as a message likes, and what it throws between two events would end the process.
import { createReadStream, read } from 'node:fs';
import { Transform } from 'node:stream';
import { parentPort } from 'node:worker_threads';
import { MailParser } from 'mailparser';

/** @typedef {import('./limits.ts').ParseLimits} ParseLimits */

class Refused extends Error {
  /** @param {string} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** 0x80 to 0x9f of windows-1252 (WHATWG Encoding). Node 20's own decoder takes them for ISO 8859-1. */
const western = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** @param {Buffer} bytes */
const fromWestern = (bytes) =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, (sign) => western.charAt(sign.charCodeAt(0) - 0x80));

/** @param {Buffer} bytes */
const guessed = (bytes) => {
  try {
    return strict.decode(bytes);
  } catch {
    return fromWestern(bytes);
  }
};

/** For texts without a charset, with an unknown one, and with one that is claimed wrongly: UTF-8 where it is, else windows-1252. */
class GuessingDecoder extends Transform {
  /** @type {Buffer[]} */
  chunks = [];

  /** @override @param {Buffer} chunk @param {string} _ @param {import('node:stream').TransformCallback} done */
  _transform(chunk, _, done) {
    this.chunks.push(chunk);
    done();
  }

  /** @override @param {import('node:stream').TransformCallback} done */
  _flush(done) {
    done(null, Buffer.from(guessed(Buffer.concat(this.chunks))));
  }
}

const guess = 'x-guess';
const claims = new Set([
  '',
  'ascii',
  'usascii',
  'utf8',
  'unknown',
  'unknown8bit',
  'xunknown',
  'default',
  'binary',
  '8bit',
]);

/** @param {unknown} charset */
const charsetOf = (charset) => {
  const name = typeof charset === 'string' ? charset : '';
  return claims.has(name.toLowerCase().replace(/[^a-z0-9]+/g, '')) ? guess : name;
};

/** @param {{ parentNode?: any }} node */
const depthOf = (node) => {
  let depth = 0;
  for (let above = node.parentNode; above; above = above.parentNode) depth += 1;
  return depth;
};

/** Reads 8-bit fields as UTF-8 where they are, and as windows-1252 else; mailparser knows UTF-8 only. @param {string} line */
const repaired = (line) =>
  /[\x80-\xff]/.test(line) ? Buffer.from(guessed(Buffer.from(line, 'binary'))).toString('binary') : line;

/** mailparser has no bounds of its own for depth and count; its methods are overridden where it meets each part. */
class BoundedParser extends /** @type {any} */ (MailParser) {
  /** @param {object} options @param {ParseLimits} limits */
  constructor(options, limits) {
    super(options);
    this.limits = limits;
    this.fields = 0;
    /** @type {any[]} */
    this.nodes = [];
  }

  getDecoder() {
    const own = super.getDecoder();
    return {
      /** @param {string} charset */
      decodeStream: (charset) => {
        if (charset === guess) return new GuessingDecoder();
        try {
          return own.decodeStream(charset);
        } catch {
          return new GuessingDecoder();
        }
      },
    };
  }

  /** @param {{ key: string, line: string }[]} lines */
  processHeaders(lines) {
    return super.processHeaders(lines.map(({ key, line }) => ({ key, line: repaired(line) })));
  }

  /** @param {any} data @param {(error?: Error) => void} done */
  processChunk(data, done) {
    if (data.type === 'node') {
      this.fields += data.headers?.getList().length ?? 0;
      if (this.fields > this.limits.headerFields) return done(new Refused('headers'));
      if (depthOf(data) > this.limits.depth) return done(new Refused('depth'));
      data.charset = charsetOf(data.charset);
      this.nodes.push(data);
    }
    try {
      return super.processChunk(data, done);
    } catch (error) {
      return done(error instanceof Error ? error : new Refused('broken'));
    }
  }
}

/** @param {any} field @param {number} most */
const addressesOf = (field, most) => {
  /** @type {{ address: string, name: string }[]} */
  const found = [];
  const add = (/** @type {any[]} */ list) => {
    for (const { address, name, group } of list) {
      if (found.length >= most) return;
      if (Array.isArray(group)) add(group);
      else found.push({ address: String(address ?? ''), name: String(name ?? '') });
    }
  };
  for (const one of [field ?? []].flat()) add(one.value ?? []);
  return found;
};

/** @param {any} node */
const partOf = (node) => ({
  contentType: String(node.contentType || 'text/plain'),
  parameters: { ...node._parsedContentType?.params },
  disposition: String(node.disposition || ''),
});

/** @param {any} tree @param {string} type */
const textsOf = (tree, type) => {
  /** @type {string[]} */
  const found = [];
  const walk = (/** @type {any} */ node) => {
    if (node.contentType === type && typeof node.textContent === 'string') found.push(node.textContent);
    for (const child of node.children) walk(child);
  };
  if (tree) walk(tree);
  return found.join('\n');
};

/** Texts cannot be made from this HTML; it is passed on all the same. @param {Error} error */
const onlyHtml = (error) => /^(HTML too long|Failed to parse HTML)/.test(error.message);

/** @param {{ fd: number, size: number, limits: ParseLimits }} job */
const parse = ({ fd, size, limits }) =>
  new Promise((resolve, reject) => {
    const parser = new BoundedParser(
      {
        // An attached message stays one; its parts are not this message's.
        ignoreEmbedded: true,
        keepDeliveryStatus: true,
        skipImageLinks: true,
        skipTextToHtml: true,
        skipTextLinks: true,
        maxHtmlLengthToParse: limits.htmlToText,
        maxHeadSize: limits.headerBytes,
        maxChildNodes: limits.parts,
      },
      limits,
    );
    /** @type {any[]} */
    const attachments = [];
    /** @type {any} */
    let made = {};
    let held = 0;
    let convertible = true;
    // The descriptor is the main thread's: it is never closed here, and not answered for while it is being read.
    const fs = { read, close: (/** @type {number} */ _, /** @type {() => void} */ done) => done() };
    const source = size === 0 ? undefined : createReadStream('', { fd, fs, start: 0, end: size - 1 });
    const stop = (/** @type {Error} */ error) => {
      parser.destroy();
      if (source === undefined || source.closed) return reject(error);
      source.once('close', () => reject(error));
      source.destroy();
    };
    parser.on('data', (/** @type {any} */ data) => {
      if (data.type !== 'attachment') {
        made = data;
        return;
      }
      if (attachments.length >= limits.attachments) return stop(new Refused('attachments'));
      /** @type {Buffer[]} */
      const chunks = [];
      const entry = {
        fileName: String(data.filename || ''),
        contentType: String(data.contentType || ''),
        contentId: String(data.cid ?? ''),
        inline: data.contentDisposition === 'inline' || data.related === true,
        content: new Uint8Array(0),
      };
      attachments.push(entry);
      data.content.on('data', (/** @type {Buffer} */ chunk) => {
        held += chunk.length;
        chunks.push(chunk);
        if (held > limits.bytes) stop(new Refused('size'));
      });
      data.content.on('error', stop);
      data.content.on('end', () => {
        // A copy in memory of its own, so that it can be moved to the main thread.
        entry.content = new Uint8Array(Buffer.concat(chunks));
        data.release();
      });
    });
    parser.on('error', (/** @type {Error} */ error) => {
      if (onlyHtml(error)) convertible = false;
      else stop(error);
    });
    source?.on('error', stop);
    parser.on('end', () => {
      const html = textsOf(parser.tree, 'text/html');
      const plain = textsOf(parser.tree, 'text/plain');
      const text = plain === '' && html !== '' ? (convertible ? String(made.text ?? '') : '') : plain;
      if (text.length + html.length > limits.textLength) return stop(new Refused('text'));
      const headers = parser.headers || new Map();
      resolve({
        headerLines: (parser.headerLines || []).map((/** @type {{ line: string }} */ { line }) =>
          Buffer.from(repaired(line), 'binary').toString(),
        ),
        subject: String(headers.get('subject') ?? ''),
        from: addressesOf(headers.get('from'), limits.addresses),
        to: addressesOf(headers.get('to'), limits.addresses),
        cc: addressesOf(headers.get('cc'), limits.addresses),
        replyTo: addressesOf(headers.get('reply-to'), limits.addresses),
        text,
        html,
        parts: parser.nodes.map(partOf),
        attachments,
      });
    });
    if (source === undefined) parser.end();
    else source.pipe(/** @type {any} */ (parser));
  });

/** @param {any} error */
const reasonOf = (error) => {
  if (error instanceof Refused) return error.reason;
  if (error?.code === 'EMAXLEN') return /header/i.test(error.message) ? 'headers' : 'parts';
  return error?.syscall === 'read' ? 'spool' : 'broken';
};

parentPort?.on('message', async (job) => {
  try {
    const message = /** @type {any} */ (await parse(job));
    const moved = message.attachments.map((/** @type {{ content: Uint8Array }} */ { content }) => content.buffer);
    parentPort?.postMessage({ id: job.id, message }, moved);
  } catch (error) {
    // The library's words may quote the message.
    parentPort?.postMessage({ id: job.id, refused: reasonOf(error) });
  }
});
