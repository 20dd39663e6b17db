/** Cases of the conformance suite that the emulator answers otherwise than AWS does, and why; who proves them instead. */
export const exceptions: Readonly<Record<string, string>> = {};
