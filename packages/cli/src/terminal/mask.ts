/** An address of which a person who knows it is reminded, and nobody else learns it: `j…n@e…e.com`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return maskWord(address);
  const domain = address.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  const name = dot < 0 ? domain : domain.slice(0, dot);
  return `${maskWord(address.slice(0, at))}@${maskWord(name)}${dot < 0 ? '' : domain.slice(dot)}`;
}

function maskWord(word: string): string {
  if (word.length <= 2) return '…';
  return word.length <= 4 ? `${word[0]}…` : `${word[0]}…${word.at(-1)}`;
}
