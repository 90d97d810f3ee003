// Instance tags as people write them: hexadecimal (spec/12, "Commands").
import { isInstanceTag } from "../wire/messages.ts";

/** 1 to 8 hexadecimal digits, `0x` before them or not; `undefined` for what is no instance tag. */
export function parseTag(text: string): number | undefined {
  if (!/^(?:0x)?[0-9a-fA-F]{1,8}$/.test(text)) return undefined;
  const tag = Number.parseInt(text, 16);
  return isInstanceTag(tag) ? tag : undefined;
}

/** 8 digits. */
export function formatTag(tag: number): string {
  return tag.toString(16).padStart(8, "0");
}
