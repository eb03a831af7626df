import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Scopes } from '../../../core/access/scope.ts';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import {
  createProductAuthorizer,
  createProductHttpApiAuthorizer,
} from '../../../lambdas/authorizer/product-authorizer.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { memoryVerificationStore } from '../../core/verification/memory-verification-store.ts';
import { NOW, PRINCIPAL, SECRET } from '../../core/verification/stored-secrets.ts';
import { calledEvent } from '../../lambdas/authorizer/called.ts';
import { capturedLog } from '../../lambdas/captured-log.ts';
import { HTTP_API, type SentRequest } from '../../lambdas/guard/http-events.ts';
import { manager, startProduct, type TestProduct } from '../../product.ts';
import { blocksOf } from '../blocks.ts';

capturedLog();
const PAGE = 'docs/other-languages.md';

interface Language {
  readonly name: string;
  /** A command that ends well where the language is there. */
  readonly probe: readonly [string, ...string[]];
  readonly files: readonly string[];
  /** Programs that call the page's code. They read lines from stdin and print one line. */
  readonly programs: Readonly<Record<string, string>>;
  readonly build?: string;
  /** @param program `who` prints a principal, and `may` a verdict. */
  readonly run: (program: 'who' | 'may') => string;
}

const PYTHON: Language = {
  name: 'Python',
  probe: ['python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 10))'],
  files: ['principal.py', 'verify.py'],
  programs: {
    'who.py': `import json, sys
from principal import handler, read_principal
event = json.load(sys.stdin)
try:
    p = read_principal(event)
    assert json.loads(handler(event, None)["body"]) == {"workspace": p.workspace}
    print("|".join([p.credential_id, p.workspace, p.user, "*" if p.scopes is None else ",".join(sorted(p.scopes))]))
except PermissionError:
    print("nobody")`,
    'may.py': `import sys
from verify import Unavailable, verify
credential, action, address = sys.stdin.read().split("\\n")
try:
    principal = verify(credential, action, address)
    print("refuse" if principal is None else "allow " + principal["workspace"])
except Unavailable:
    print("unavailable")`,
  },
  run: (program) => `python3 ${program}.py`,
};

const GO: Language = {
  name: 'Go',
  probe: ['go', 'version'],
  files: ['principal.go', 'verify.go'],
  programs: {
    'go.mod': 'module keyward\n\ngo 1.21\n',
    'main.go': `package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"sort"
	"strings"
)

func main() {
	sent, _ := io.ReadAll(os.Stdin)
	if os.Args[1] == "who" {
		who(sent)
		return
	}
	parts := strings.Split(string(sent), "\\n")
	answer, err := Verify(parts[0], parts[1], netip.MustParseAddr(parts[2]))
	if err != nil {
		fmt.Println("unavailable")
	} else if answer.Valid {
		fmt.Println("allow " + *answer.Principal.Workspace)
	} else {
		fmt.Println("refuse")
	}
}

func who(sent []byte) {
	var event struct {
		RequestContext struct{ Authorizer map[string]any }
	}
	if json.Unmarshal(sent, &event) != nil {
		os.Exit(1)
	}
	context := event.RequestContext.Authorizer
	if deeper, ok := context["lambda"].(map[string]any); ok {
		context = deeper
	}
	p, err := ReadPrincipal(context)
	if err != nil {
		fmt.Println("nobody")
		return
	}
	sort.Strings(p.Scopes)
	scopes := strings.Join(p.Scopes, ",")
	if p.AllScopes {
		scopes = "*"
	}
	fmt.Println(strings.Join([]string{p.CredentialID, p.Workspace, p.User, scopes}, "|"))
}
`,
  },
  build: 'go vet . && go build -o main .',
  run: (program) => `./main ${program}`,
};

/** Java reads no JSON by itself, so its program gets the context as lines. */
const JAVA: Language = {
  name: 'Java',
  probe: ['javac', '--release', '17', '--version'],
  files: ['Principal.java', 'Verify.java'],
  programs: {
    'Main.java': `import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

public class Main {
  public static void main(String[] program) throws Exception {
    var sent = new String(System.in.readAllBytes());
    if (program[0].equals("who")) who(sent);
    else may(sent.split("\\n"));
  }

  static void may(String[] parts) throws Exception {
    try {
      System.out.println(Verify.mayCall(parts[0], parts[1]) ? "allow acme" : "refuse");
    } catch (IOException error) {
      System.out.println("unavailable");
    }
  }

  static void who(String sent) {
    Map<String, Object> context = new HashMap<>();
    for (var pair : sent.split("\\n")) if (pair.contains("\\t")) context.put(pair.split("\\t")[0], pair.split("\\t", 2)[1]);
    try {
      var p = Principal.read(context);
      var scopes = new ArrayList<>(p.scopes());
      Collections.sort(scopes);
      System.out.println(String.join("|", p.credentialId(), p.workspace(), p.user(), p.allScopes() ? "*" : String.join(",", scopes)));
    } catch (SecurityException error) {
      System.out.println("nobody");
    }
  }
}
`,
  },
  build: 'javac --release 17 *.java',
  run: (program) => `java -Xshare:auto Main ${program}`,
};

const LANGUAGES = [PYTHON, GO, JAVA];
const isThere = ({ probe: [command, ...rest] }: Language) => spawnSync(command, rest).status === 0;
const there = LANGUAGES.filter(isThere);

test('each language of the page is on this machine, or is said to be missing', () => {
  for (const { name } of LANGUAGES.filter((language) => !there.includes(language)))
    process.stderr.write(`SKIPPED: ${name} is not on this machine, so its samples in ${PAGE} did not run.\n`);
  const files = blocksOf(PAGE).flatMap(({ mark }) => /^file=(.*)$/.exec(mark)?.[1] ?? []);
  expect(files.sort()).toEqual(LANGUAGES.flatMap((language) => language.files).sort());
});

/** What a function behind the authorizer finds in its `requestContext.authorizer`, for a key with some scopes. */
async function handedOn(
  scopes: Scopes,
): Promise<{ readonly rest: object; readonly http: { lambda: object } }> {
  const { profile } = loadProfile('standard');
  const random = `kw_live_${'a'.repeat(30)}`;
  const key = random + checksum(random);
  const store = memoryVerificationStore();
  store.secrets.set(digestOf(key), { ...SECRET, principal: { ...PRINCIPAL, scopes } });
  const options = {
    profile,
    verification: { credentials: credentialTypesOf(profile), store, tracking: 'count' },
    guardedRoutes: '',
    now: () => NOW,
  } as const;
  const rest = await createProductAuthorizer({ ...options, isCaching: false })(
    calledEvent('GET /users', { Authorization: `Bearer ${key}` }),
  );
  const sent: SentRequest = {
    path: '/users',
    route: '/users',
    headers: [['Authorization', `Bearer ${key}`]],
  };
  const http = await createProductHttpApiAuthorizer(options)({
    ...HTTP_API.toEvent(sent),
    routeArn: 'arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/users',
  } as never);
  return {
    rest: { ...rest.context, principalId: rest.principalId, integrationLatency: 5 },
    http: { lambda: http.context },
  };
}

let product: TestProduct;
/** The keys of the product: one that reads, one that is bound to another network, and one that was revoked. */
const keys = { reader: '', elsewhere: '', revoked: '' };
let silent: Server;
beforeAll(async () => {
  product = await startProduct();
  const issue = async (fields: object) => (await manager(product).issue(fields)).body;
  keys.reader = (await issue({ scopes: ['read:all'] })).secret;
  keys.elsewhere = (await issue({ scopes: ['read:all'], allowed_cidrs: ['198.51.100.0/24'] })).secret;
  const revoked = await issue({ scopes: ['read:all'] });
  keys.revoked = revoked.secret;
  await manager(product).revoke(revoked.key.id);
  // The services wait two seconds for an answer, and the first one of a function can take longer.
  await manager(product).verify({ credential: keys.reader });
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  silent.close();
  await product.stop();
});

/** Milliseconds until the other side has closed a connection. */
function openTimeOf(socket: Socket): Promise<number> {
  const begun = performance.now();
  // A program that ends may reset it.
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) => socket.once('close', () => resolve(performance.now() - begun)));
}

describe.each(there)('a service in $name', (language) => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-language-'));
  beforeAll(async () => {
    for (const name of language.files) {
      const block = blocksOf(PAGE).find(({ mark }) => mark === `file=${name}`);
      writeFileSync(join(folder, name), block?.text ?? '');
    }
    for (const [name, text] of Object.entries(language.programs)) writeFileSync(join(folder, name), text);
    if (language.build !== undefined) await run(language.build, '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(command: string, input: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        'bash',
        ['-c', command],
        { cwd: folder, env: { ...process.env, ...env } },
        (error, stdout, stderr) => (error === null ? resolve(stdout.trim()) : reject(new Error(stderr))),
      );
      child.stdin?.end(input);
    });
  }

  test('reads who calls from what the authorizer hands on, of a REST API and of an HTTP API', async () => {
    const some = await handedOn(['read:all', 'write:all']);
    const all = await handedOn('all');
    const who = (authorizer: object) => {
      const lines = Object.entries('lambda' in authorizer ? (authorizer.lambda as object) : authorizer);
      const asLines = lines.map((pair) => pair.join('\t')).join('\n');
      return run(
        language.run('who'),
        language === JAVA ? asLines : JSON.stringify({ requestContext: { authorizer } }),
      );
    };
    for (const authorizer of [some.rest, some.http])
      expect(await who(authorizer)).toBe('key_1|acme|usr_1|read:all,write:all');
    for (const authorizer of [all.rest, all.http]) expect(await who(authorizer)).toBe('key_1|acme|usr_1|*');
    const undecided = { ...some.http.lambda, decision: undefined };
    for (const nobody of [{}, { lambda: undecided }, { ...some.rest, decision: 'rate_limited' }])
      expect(await who(nobody)).toBe('nobody');
  });

  describe('that asks the management API', () => {
    const ask = (credential: string, action = 'GET /users', env: NodeJS.ProcessEnv = {}) =>
      run(language.run('may'), [credential, action, '192.0.2.1'].join('\n'), {
        KEYWARD_URL: product.managementUrl,
        KEYWARD_MANAGEMENT_KEY: product.managementKey,
        ...env,
      });

    /** Asks until the API has said something within the two seconds that the service gives it. */
    const askUntilTold = async (credential: string, action?: string) => {
      for (;;) {
        const told = await ask(credential, action);
        if (told !== 'unavailable') return told;
      }
    };

    test('lets in a key that may do the action, and no other', async () => {
      expect(await askUntilTold(keys.reader)).toBe('allow acme');
      expect(await askUntilTold(keys.reader, 'POST /users')).toBe('refuse');
      expect(await askUntilTold(keys.elsewhere)).toBe('refuse');
      expect(await askUntilTold(keys.revoked)).toBe('refuse');
      expect(await askUntilTold(`${keys.reader}","workspace":"acme`)).toBe('refuse');
    });

    test('lets nobody in while nobody can say', async () => {
      expect(await ask(keys.reader, 'GET /users', { KEYWARD_MANAGEMENT_KEY: 'kwm_wrong' })).toBe(
        'unavailable',
      );
      expect(await ask(keys.reader, 'GET /users', { KEYWARD_URL: 'http://127.0.0.1:9' })).toBe('unavailable');
      expect(await ask(keys.reader, 'GET /users', { KEYWARD_URL: product.consoleUrl })).toBe('unavailable');
    });

    test('waits two seconds for an answer, and not longer', async () => {
      const address = silent.address();
      const port = typeof address === 'object' ? address?.port : 0;
      // From the connection on: how long the program takes to start is up to the machine, and one that starts late may not even call.
      const waits: Promise<number>[] = [];
      const connected = (socket: Socket) => waits.push(openTimeOf(socket));
      silent.on('connection', connected);
      expect(await ask(keys.reader, 'GET /users', { KEYWARD_URL: `http://127.0.0.1:${port}` })).toBe(
        'unavailable',
      );
      silent.off('connection', connected);
      for (const waited of await Promise.all(waits)) expect(waited).toBeLessThan(10_000);
    });
  });
});
