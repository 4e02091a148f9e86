/** Invented people and places; kept free of characters that would need escaping in a mail address. */
export const givenNames =
  `Anna Ben Clara David Emma Felix Greta Hannah Ida Jonas Karla Leon Mia Noah Olivia Paul Quirin Rosa Samuel Tilda
  Ulrich Vera Wanda Xaver Yara Zoe Amir Bianca Carlos Deniz Elif Farid Giulia Hugo Ines Jakub Kenji Lena Mateo Nadia
  Oskar Petra Rahul Sofia Tomas Uma Viktor Wei Yusuf Zara Adele Bruno Cem Dana Enzo Frida Goran Helga Ivo Jule Kai
  Luisa Milan Nele`.split(/\s+/);

export const surnames =
  `Adler Bauer Conrad Dietrich Ebert Fischer Graf Hartmann Iwanow Jansen Keller Lehmann Maier Neumann Otto Peters
  Quandt Richter Schmidt Thoma Ullmann Vogel Wagner Xu Yilmaz Zimmer Almeida Bianchi Costa Dubois Eriksson Ferrari
  Garcia Hansen Ito Jensen Kowalski Lopez Moreau Novak Oliveira Petrov Rossi Santos Tanaka Ueda Varga Wright Young
  Ziegler Andersen Berg Clark Dahl Evans Frank Gupta Horvat Ivanov Jung Klein Lang Meyer Nowak Olsen Pohl Roth Stein
  Tran Urban Vidal Weber Yang Zhang Arnold Brandt Cruz Dorn Engel Fuchs Gross Haas Imhof`.split(/\s+/);

/** 64 x 79 gives no common factor with the stride, so names repeat only after every pair was used. */
export const nameStride = 1_847;

export const departments = [
  'Finance',
  'Human Resources',
  'Information Technology',
  'Legal',
  'Logistics',
  'Marketing',
  'Production',
  'Quality & Safety',
  'Research',
  'Sales',
  'Service Desk',
  'Purchasing',
] as const;

export const companies = ['Example Industries AG', 'Example Services GmbH', 'Example Retail "North" Ltd'] as const;

export const places = [
  { city: 'Leipzig', country: 'Germany', state: 'Saxony', code: 'DE', language: 'de-DE' },
  { city: 'München', country: 'Germany', state: 'Bavaria', code: 'DE', language: 'de-DE' },
  { city: 'Wien', country: 'Austria', state: null, code: 'AT', language: 'de-AT' },
  { city: 'Zürich', country: 'Switzerland', state: 'ZH', code: 'CH', language: 'de-CH' },
  { city: 'Lyon', country: 'France', state: null, code: 'FR', language: 'fr-FR' },
  { city: 'Leeds', country: 'United Kingdom', state: null, code: 'GB', language: 'en-GB' },
  { city: 'Seattle', country: 'United States', state: 'WA', code: 'US', language: 'en-US' },
  { city: 'Łódź', country: 'Poland', state: null, code: 'PL', language: 'pl-PL' },
] as const;

export const jobTitles = ['Clerk', 'Engineer', 'Team Lead', 'Consultant', 'Head of Department', 'Apprentice'] as const;
