// Reads [{name, old, new}] from stdin and prints, as JSON, every resource that deploying `new` over `old` would replace or remove.
import { fullDiff } from '@aws-cdk/cloudformation-diff';
import { readFileSync } from 'node:fs';

const LOST = new Set(['WILL_REPLACE', 'MAY_REPLACE', 'WILL_DESTROY', 'WILL_ORPHAN']);
const found = [];
for (const { name, old: before, new: after } of JSON.parse(readFileSync(0, 'utf8'))) {
  fullDiff(before, after).resources.forEachDifference((id, change) => {
    if (LOST.has(change.changeImpact)) {
      found.push({ stack: name, id, type: change.oldResourceType ?? change.resourceType, impact: change.changeImpact });
    }
  });
}
console.log(JSON.stringify(found));
