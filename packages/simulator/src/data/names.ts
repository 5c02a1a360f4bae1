/** Invented people and words; nothing here belongs to anyone. */

const GIVEN = [
  'Ada',
  'Björn',
  'Chloé',
  'Dmitri',
  'Elif',
  'Farah',
  'Grace',
  'Hiro',
  'Ingrid',
  'Jonas',
  'Kemi',
  'Leila',
  'Mateo',
  'Nadia',
  'Oskar',
  'Priya',
] as const;
const SURNAMES = [
  'Almeida',
  'Brandt',
  'Costa',
  'Dubois',
  'Eriksen',
  'Fontaine',
  'Gupta',
  'Hansen',
  'Ito',
  'Jansen',
  'Kowalski',
  'Lindqvist',
  'Moreau',
  'Novak',
  "O'Neill",
  'Petrov',
] as const;
const SUBJECTS = [
  'Minutes of our meeting',
  'Invoice for last month',
  'Re: question about the contract',
  'Lunch on Thursday?',
  'Your travel plans',
  'Draft of the announcement',
  'Welcome on board',
  'Reminder: survey closes soon',
  'Notes from the workshop',
  'Photos from the office party',
] as const;
const TITLES = [
  'Planning',
  'Review with the team',
  'One to one',
  'Customer call',
  'Dentist',
  'Retrospective',
  'Workshop',
  'Interview',
] as const;
const COMPANIES = ['Northwind', 'Acme', 'Globex', 'Initech', 'Umbrella', 'Hooli'] as const;

/** A name and address as Nylas prints participants. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

const ascii = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
const GIVEN_ASCII = GIVEN.map(ascii);
const SURNAMES_ASCII = SURNAMES.map(ascii);

/** The person number `n`; addresses are at reserved example domains. */
export function person(n: number): Person {
  const g = n & 15;
  const s = (n >>> 4) & 15;
  return { name: `${GIVEN[g]} ${SURNAMES[s]}`, email: `${GIVEN_ASCII[g]}.${SURNAMES_ASCII[s]}@example.com` };
}

/** The mailbox owner number `index`: unique address, readable name. */
export function owner(index: number): Person {
  const g = index % 16;
  const s = (index >>> 4) % 16;
  return {
    name: `${GIVEN[g]} ${SURNAMES[s]}`,
    email: `${GIVEN_ASCII[g]}.${SURNAMES_ASCII[s]}.${index + 1}@example.org`,
  };
}

/** A subject line for hash `n`. */
export const subjectLine = (n: number): string => SUBJECTS[n % SUBJECTS.length] as string;
/** An event title for hash `n`. */
export const eventTitle = (n: number): string => TITLES[n % TITLES.length] as string;
/** A company name for hash `n`. */
export const companyName = (n: number): string => COMPANIES[n % COMPANIES.length] as string;
