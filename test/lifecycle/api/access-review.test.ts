/** What is taken from the rules of a namespace, and what is asked singly. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openRights, type Permission } from '../../../generator/lifecycle/api/access-review.ts';
import type { Client } from '../../../generator/lifecycle/api/client.ts';
import { ApiError } from '../../../generator/lifecycle/api/errors.ts';
import type { JsonObject } from '../../../generator/model/json.ts';

/** An API server that answers reviews, and notes them: `rules NAMESPACE`, or a single question. */
function server(rules: JsonObject[] | undefined, incomplete = false, allowed = false) {
  const asked: string[] = [];
  const send: Client['send'] = async (method, path, { body } = {}) => {
    const { spec } = body as { spec: { namespace?: string; resourceAttributes?: JsonObject } };
    if (spec.resourceAttributes !== undefined) {
      asked.push(Object.values(spec.resourceAttributes).join(' '));
      return { status: { allowed } };
    }
    asked.push(`rules ${spec.namespace}`);
    if (rules === undefined)
      throw new ApiError(method, path, { status: 403, text: '', retryAfter: undefined });
    return { status: { incomplete, resourceRules: rules } };
  };
  return { rights: openRights({ send } as Client), asked };
}

const rule = { verbs: ['get', 'list'], apiGroups: ['apps'], resources: ['deployments'] };
const get: Permission = { verb: 'get', group: 'apps', resource: 'deployments', namespace: 'voice' };

describe('rights', () => {
  it('that the rules of the namespace give are not asked for singly', async () => {
    const { rights, asked } = server([rule]);
    const answers = await Promise.all([get, { ...get, name: 'a' }, get].map(rights.may));
    assert.deepEqual([answers, asked], [[true, true, true], ['rules voice']]);
  });

  it('are never denied before they were asked for singly, each once', async () => {
    for (const allowed of [true, false]) {
      const { rights, asked } = server([rule], false, allowed);
      const patch = { ...get, verb: 'patch' };
      assert.deepEqual(await Promise.all([rights.may(patch), rights.may(patch)]), [allowed, allowed]);
      assert.deepEqual(asked, ['rules voice', 'patch apps deployments voice']);
    }
  });

  it('are asked for singly where the server does not know all rules, or does not tell them', async () => {
    for (const [rules, incomplete] of [
      [[rule], true],
      [undefined, false],
    ] as const) {
      const { rights, asked } = server(rules && [...rules], incomplete);
      assert.equal(await rights.may(get), false);
      assert.deepEqual(asked, ['rules voice', 'get apps deployments voice']);
    }
  });

  it('in the whole cluster are asked for singly: rules of a namespace may be its own', async () => {
    const { rights, asked } = server([rule]);
    const { namespace: _, ...everywhere } = get;
    assert.equal(await rights.may(everywhere), false);
    assert.deepEqual(asked, ['get apps deployments']);
  });
});
