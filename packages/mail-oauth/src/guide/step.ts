import type { Acts } from '@itsm-m365/graph-auth';
import type { Text } from '@itsm-m365/plugin-api';

/** One step of the set-up help. Shown in its order; what holds a command can be copied line by line or as one script. */
export interface SetupStep {
  readonly id: string;
  readonly title: Text;
  readonly text: Text;
  readonly acts: Acts;
  /** `if-needed`: only where its text says so. `alternative`: instead of the recommended step before it. */
  readonly requirement: 'required' | 'recommended' | 'if-needed' | 'alternative';
  /** Menu paths; several, since Microsoft's menus differ by age and licence. */
  readonly paths?: readonly Text[];
  /** What is typed or copied there. */
  readonly values?: readonly { readonly label: Text; readonly value: string }[];
  readonly links?: readonly string[];
  /** PowerShell, one command a line. */
  readonly command?: string;
  readonly warning?: Text;
}

export const text = (en: string, de: string): Text => ({ en, de });

export const value = (en: string, de: string, given: string) => ({ label: text(en, de), value: given });

/** MAIL-24, ADV-02. */
export const notArrivedYet = text(
  'A new application or a change can take some minutes, rarely hours, until all of Microsoft’s systems know it. A first failure then says nothing: wait, then test again.',
  'Eine neue Anwendung oder eine Änderung kann einige Minuten, selten Stunden brauchen, bis alle Systeme von Microsoft sie kennen. Ein erster Fehlschlag besagt dann nichts: Warten Sie und testen Sie erneut.',
);
