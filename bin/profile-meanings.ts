/** What each field says. `[]` is each value of a list, `*` each member of an object whose names are free. */
export const MEANINGS: Readonly<Record<string, string>> = {
  $schema: 'Where editors find the rules of this file. It changes nothing.',
  name: 'The name of the product, of its file and of its stacks. A deployed product keeps it for good. At most 32 lower-case letters, digits and hyphens, a letter first.',
  realm:
    'What a 401 says it belongs to, in `WWW-Authenticate`. At most 60 letters, digits, blanks and `. _ -`.',
  presentation: 'Where callers put their credential.',
  'presentation.kind': '`bearer`: in `Authorization: Bearer …`. `header`: in a header of its own.',
  'presentation.header': 'For the kind `header` alone: its name, in lower case, such as `x-orders-key`.',
  api_key: 'What the text of an API key looks like, and how it is kept.',
  'api_key.prefix':
    'What each key starts with: lower-case letters, digits and `_`, a letter first and `_` last, at most 32 characters; or an empty text.',
  'api_key.random_length':
    'How many random base62 characters follow; 30 are 178 bits. At least 30 with `bcrypt`.',
  'api_key.checksum':
    'Whether six characters of CRC-32 close the text, so that typing errors are refused without a look-up.',
  'api_key.stored_as': 'How the secret is kept. `bcrypt` is for products that have promised it.',
  'api_key.accepts':
    'The shapes of keys that another system issued and that still work. Keyward issues none of them.',
  'api_key.accepts[].name': 'Imports and messages name the shape by it. Not `issued`.',
  'api_key.accepts[].prefix':
    'What each of these keys starts with: letters, digits and `. _ -`, at most 32 characters; or an empty text.',
  'api_key.accepts[].alphabet':
    'The characters after the prefix. `hex`, `uuid`, `base32` and `base36` are in either case; `letters` are those of ASCII.',
  'api_key.accepts[].min_length':
    'How many characters follow at least. They must hold 112 bits, or with `bcrypt` 64 bits besides the look-up prefix.',
  'api_key.accepts[].max_length': 'How many follow at most. Without it as many as at least.',
  'api_key.accepts[].stored_as': 'How the other system kept its keys, and how their hashes are imported.',
  'api_key.accepts[].lookup_length':
    'For `bcrypt` alone: how many characters after the prefix stand beside the hash in the clear. Without it 8.',
  'api_key.accepts[].hashed':
    'What the other system hashed: the whole text, or only what follows the prefix.',
  'api_key.accepts[].hashed_before':
    'A fixed text that the other system put before it. It is not secret: a profile is committed.',
  'api_key.accepts[].hashed_after': 'A fixed text that the other system put after it, not secret either.',
  personal_access_tokens:
    'What tokens of users look like, which work in each of their workspaces. Not beside `rate_limits` or `bcrypt`.',
  'personal_access_tokens.prefix': 'As of API keys, and another one than theirs.',
  'personal_access_tokens.random_length': 'As of API keys.',
  'personal_access_tokens.checksum': 'As of API keys.',
  'personal_access_tokens.workspace_header':
    'The header in which a request names its workspace, in lower case.',
  last_used: 'How often the time of use is noted. Not beside `rate_limits`, which note it with every call.',
  issuing: 'What is asked for when a key is issued.',
  'issuing.requires_name': 'Whether a key must be given a name.',
  'issuing.requires_scopes':
    'Whether a key must be given at least one scope. `false`: a key without scopes may do everything.',
  scopes:
    'What keys may be allowed to do, in the order of their breadth. Without it every key may do everything.',
  'scopes[].name': 'At most 32 lower-case letters, digits and `: . _ -`, a letter first.',
  'scopes[].description': 'What people are told of the scope, up to 200 characters.',
  'scopes[].grants':
    'Patterns of routes (`GET /orders/**`) and of tools (`orders.*`). `keyward.administer` lets a key administer keys.',
  'scopes[].implies': 'Names of scopes whose grants it has as well. Never in a circle.',
  'scopes[].held_by': 'The only kinds of credential with which the scope works; without it, all.',
  role_scopes:
    'What a member of each role may issue, and what their tokens may do. No role holds more than a higher one. Without it all hold everything, but administering is for owners and admins.',
  'role_scopes.owner': '`"all"`, or names of scopes.',
  'role_scopes.admin': '`"all"`, or names of scopes.',
  'role_scopes.member': '`"all"`, or names of scopes.',
  max_active_keys: 'How many keys of a workspace may be active at once. Without it there is no bound.',
  rate_limits: 'How many calls each key has. Without it nothing is limited.',
  'rate_limits.default_plan': 'The plan of a workspace that names none.',
  'rate_limits.plans': 'Plans by their names.',
  errors:
    'How errors look where the product has promised other bodies than problem details. At most 2,048 bytes.',
  'errors.template':
    'The body of every error. Texts may hold `{status}`, `{title}`, `{detail}`, `{code}`, `{required_scope}` and `{request_id}`.',
  'errors.by_status': 'What differs for a status from 400 to 599.',
  'errors.by_status.*.template': 'The body of errors with this status.',
  'errors.by_status.*.title': 'In place of Keyward’s own title, up to 100 characters.',
  'errors.by_status.*.detail': 'In place of Keyward’s own detail, up to 200 characters.',
  'errors.by_code': 'What differs for a code; it comes before what differs for its status.',
  'errors.by_code.*.title': 'As for a status.',
  'errors.by_code.*.detail': 'As for a status.',
  'rate_limits.plans.*.limit': 'How many calls each key has in each window.',
  'rate_limits.plans.*.window_seconds':
    'How long a window is. Windows begin at multiples of it since the Unix epoch.',
  routes:
    'Patterns of all routes: a method or `*`, a blank and a path. `*` is one part of the path, `**` at the end any number. Tools stand in `mcp.tools`. Empty where the product serves MCP only.',
  public_routes: 'Routes that need no key: `GET`, `HEAD` or `POST` and a path, without wildcards.',
  mcp: 'How the product serves the Model Context Protocol. Without it, it does not.',
  'mcp.path': 'The path that messages are posted to, such as `/mcp`.',
  'mcp.tools':
    'The names of all tools. With it, every grant of a tool is held against the list, and other tools are unknown. Without it a tool is whatever a scope grants.',
  'mcp.public_methods':
    'Methods that need no key, such as `initialize` and `ping`; none that lists or calls tools. Empty behind an authorizer.',
  'mcp.unauthorized_code': 'The code of the JSON-RPC error that a missing or bad key gets, beside HTTP 401.',
  'mcp.wording': 'The words of these errors, without it Keyward’s. Not behind an authorizer.',
  'mcp.wording.missing': 'No key was sent.',
  'mcp.wording.invalid': 'The key is not valid, for any reason that is not said otherwise.',
  'mcp.wording.expired': 'The key has expired.',
  'mcp.wording.fault': 'It could not be found out whether the key is valid.',
  'mcp.verified_by':
    '`guard`: the function verifies by itself. `authorizer`: an authorizer stands in front as well.',
  console:
    'How the console looks for this product, and the words that it uses. Functions know nothing of it.',
  'console.product': 'The name of the product as its customers read it. Without it, the name of the profile.',
  'console.place':
    'Where the page of the keys stands, such as `["Settings", "API Keys"]`, which it is without it.',
  'console.create_label': 'The words on the button that makes a key. Without it, `Create API key`.',
  'console.words': 'What the product calls a workspace. Without it, a workspace.',
  'console.words.workspace': 'One of them, such as `account`.',
  'console.words.workspaces': 'Several of them, such as `accounts`.',
  'console.accent': 'The colour of buttons and links, such as `#2457d6`.',
  'console.logo':
    'An SVG or PNG file beside the profile, of at most 100 kB. Without it, the page shows the name.',
  'console.name_examples':
    'Names of keys that an empty form suggests. Without it, `production-backend`, `ci-pipeline` and `local-dev`.',
  'console.default_expiry_days':
    'How many days a new key lasts unless the person chooses otherwise: 7, 30, 60 or 90. Without it, the form proposes a key that does not end.',
  'console.read_only_scopes':
    'The scopes that the choice “read only” ticks. Without it, those that grant `GET` and `HEAD` alone.',
  'console.first_tool':
    'For a product that serves MCP: the tool that the page shows a first call of. Without it, a call that reads, or one that lists the tools.',
  'console.first_tool.name': 'The name of the tool, such as `records.list`.',
  'console.first_tool.arguments': 'The arguments of that call. Without it, none.',
  inherits_role: 'Whether a key acts with the role that its creator has at that moment.',
};
