/** How many slots a table of spans has. */
export const SLOTS = 4_096;

/**
 * The slot of a span id: its last three hexadecimal digits, random ones; letters and digits differ in their low bits well
 * enough. Finding a fresh string in a `Map` means hashing it, which takes ten times as long.
 */
export function slotOf(id: string): number {
  const { length } = id;
  return (
    ((id.charCodeAt(length - 3) & 15) << 8) |
    ((id.charCodeAt(length - 2) & 15) << 4) |
    (id.charCodeAt(length - 1) & 15)
  );
}
