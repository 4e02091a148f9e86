const longest = 400;

/** Product and licence name: portal name as prefix, then the title (M365-15, M365-41). */
export const productName = (portalName: string, title: string): string => `${portalName} - ${title}`.slice(0, longest);

/** How folder names are compared. */
export const nameKey = (name: string): string => name.trim().toLowerCase();

/** The name, or `name (2)` and so on where it is taken. */
export const freeName = (name: string, taken: ReadonlySet<string>): string => {
  const base = name.trim().slice(0, 190);
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? base : `${base} (${number})`;
    if (!taken.has(nameKey(candidate))) return candidate;
  }
};
