/** Longer headers are no notice of a server. */
const looked = 16 * 1024;

const words = /^Subject: (Retrieval using the IMAP4 protocol failed for the following message[^\r\n]{0,200})/im;

/**
 * Exchange's words where it gives a notice in the place of a message that it cannot hand out, as long as Defender holds it
 * back (Zammad's documentation, "Dynamic Delivery"). The server writes it as it answers, so that nobody has received it: a
 * mail from outside that bears the same subject has a `Received` line (RFC 5321, 4.4), and is a message like any other.
 */
export const heldBack = (start: Buffer): string | undefined => {
  const text = start.subarray(0, looked).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const header = end === -1 ? text : text.slice(0, end + 2);
  return /^Received:/im.test(header) ? undefined : words.exec(header)?.[1];
};
