// Reports the running time of each test to `cargo xtask test`, one line of JSON each.

export default async function* times(source) {
  for await (const { type, data } of source) {
    const ended = type === "test:pass" || type === "test:fail";
    if (!ended || data.details.type === "suite") continue;
    yield `${JSON.stringify({ name: data.name, milliseconds: data.details.duration_ms })}\n`;
  }
}
