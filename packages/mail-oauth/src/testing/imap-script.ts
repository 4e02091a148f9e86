import { type Peer, type ScriptedOptions, type ScriptedServer, scriptedServer } from './scripted-server.ts';

/** Answers by command, or by a whole line without its tag; `#` stands for the tag. */
export type ImapAnswers = Readonly<Record<string, string>>;

/** Exchange's, as seen by MailKit #1494. */
const offered = 'IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+';

/** A server content with all: three messages in the inbox. */
export const contentImap: ImapAnswers = {
  CAPABILITY: `* CAPABILITY ${offered}\r\n# OK\r\n`,
  ID: '* ID NIL\r\n# OK\r\n',
  AUTHENTICATE: `* CAPABILITY ${offered} MOVE\r\n# OK AUTHENTICATE completed.\r\n`,
  NAMESPACE: '* NAMESPACE (("" "/")) NIL NIL\r\n# OK\r\n',
  LIST: '* LIST (\\HasNoChildren) "/" INBOX\r\n# OK\r\n',
  LSUB: '# OK\r\n',
  SELECT: '* 3 EXISTS\r\n* OK [UIDVALIDITY 14]\r\n* OK [UIDNEXT 9]\r\n# OK [READ-WRITE] done\r\n',
  NOOP: '# OK\r\n',
  LOGOUT: '* BYE\r\n# OK\r\n',
};

/** Answers each line by the table, until the client is gone. */
export const answerImap = async (peer: Peer, answers: ImapAnswers): Promise<void> => {
  for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
    const [tag = '', name = '', next = ''] = line.split(' ');
    const command = (name === 'UID' ? `UID ${next}` : name).toUpperCase();
    const answer = answers[line.slice(tag.length + 1)] ?? answers[command];
    if (answer === undefined) peer.send(`${tag} BAD unknown command ${command}\r\n`);
    else peer.send(answer.replaceAll('#', tag));
  }
};

/** Greets as Exchange does; what is not among the answers is answered by a server content with all. */
export const speakImap =
  (answers: ImapAnswers = {}) =>
  async (peer: Peer): Promise<void> => {
    peer.send('* OK The Microsoft Exchange IMAP4 service is ready.\r\n');
    await answerImap(peer, { ...contentImap, ...answers });
  };

/** An IMAP server of scripted answers, for what no real one can be made to say. */
export const imapScript = (answers: ImapAnswers = {}, options?: ScriptedOptions): Promise<ScriptedServer> =>
  scriptedServer(speakImap(answers), options);
