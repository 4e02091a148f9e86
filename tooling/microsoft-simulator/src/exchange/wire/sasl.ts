/** What a client's XOAUTH2 response says: `user=…^Aauth=Bearer …^A^A` in base64; undefined when it is none. */
export const readXoauth2 = (text: string): { readonly user: string; readonly token: string } | undefined => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text.trim())) return undefined;
  const plain = Buffer.from(text.trim(), 'base64').toString('utf8');
  const [user, bearer, ...rest] = plain.split('\x01');
  if (user === undefined || bearer === undefined || rest.join('|') !== '|') return undefined;
  if (!/^user=./i.test(user) || !/^auth=Bearer ./i.test(bearer)) return undefined;
  return { user: user.slice('user='.length), token: bearer.slice('auth=Bearer '.length) };
};
