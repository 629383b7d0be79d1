"""The rules on visitors' addresses hold in what is deployed, and the checker that says so sees what breaks them."""

from pathlib import Path

import pytest

from dev.discipline import violations

HEADER = "only lib/identification/address.py names a header that carries an address"
CONNECTION = "nothing reads the connection's address"
BYTES = "only lib/identification takes an address's bytes"
NETWORK = "only api/v1.py tells callers their own network"
SHOWN = "a visitor's address goes into no text, log, hash, JSON, pickle or exception"
CONSTANT = "a log line is a constant text"
TRACEBACK = "a log line carries no traceback and no extras: they quote what was being handled"
SAID = "a log line says names, numbers and reasons of our own errors alone"
PRINTED = "nothing is printed"

TAKES = "def verb(address: VisitorAddress):\n    "
HANDLES = "try:\n    work()\nexcept {} as error:\n    _log.error('not served: %s', error)\n"
CARRIES = "class Sender:\n    address: 'VisitorAddress'\ndef verb(sender: Sender):\n    "


def test_the_deployed_code_keeps_the_address_discipline() -> None:
    assert [str(violation) for violation in violations()] == []


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("READ = {'x-forwarded-for'}", HEADER),
        ("READ = b'X-Vercel-Forwarded-For'", HEADER),
        ("READ = headers['forwarded']", HEADER),
        ("READ = headers.get(b'CF-Connecting-IP')", HEADER),
        ("'''It reads X-Real-IP.'''", HEADER),
        ("READ = f'{prefix}-true-client-ip'", HEADER),
        ("address = environ['REMOTE_ADDR']", HEADER),
        ("address = request.remote_addr", HEADER),
        ("address = scope['client'][0]", CONNECTION),
        ("address = scope.get('client')", CONNECTION),
        ("address = request.client.host", CONNECTION),
        ("address = connection.getpeername()", CONNECTION),
        ("def verb(address):\n    return address.packed()", BYTES),
        ("take = address.packed", BYTES),
        ("take = address._VisitorAddress__packed", BYTES),
        ("from lib.identification import own_network", NETWORK),
        ("import lib.identification as room\nroom.own_network(address)", NETWORK),
        (TAKES + "return str(address)", SHOWN),
        (TAKES + "return repr(address)", SHOWN),
        (TAKES + "return hash(address)", SHOWN),
        (TAKES + "return bytes(address)", SHOWN),
        (TAKES + "return vars(address)", SHOWN),
        (TAKES + "return f'{address}'", SHOWN),
        (TAKES + "return f'{address!r:>40}'", SHOWN),
        (TAKES + "return 'from %s' % address", SHOWN),
        (TAKES + "return 'from %s to %s' % (address, 1)", SHOWN),
        (TAKES + "return 'from {}'.format(address)", SHOWN),
        (TAKES + "return json.dumps({'address': address})", SHOWN),
        (TAKES + "return json.dumps([1], default=address)", SHOWN),
        (TAKES + "return pickle.dumps([address])", SHOWN),
        (TAKES + "return copy.copy(address)", SHOWN),
        (TAKES + "return hashlib.sha256(address)", SHOWN),
        (TAKES + "_log.info('%s', address)", SHOWN),
        (TAKES + "raise ValueError(address)", SHOWN),
        (TAKES + "same = address\n    return str(same)", SHOWN),
        ("def verb(address: 'VisitorAddress | None'):\n    return str(address)", SHOWN),
        ("address = client_address(scope['headers'])\nstr(address)", SHOWN),
        ("str(VisitorAddress.parse(text))", SHOWN),
        ("def find(scope) -> VisitorAddress: ...\nstr(find(scope))", SHOWN),
        (CARRIES + "return str(sender.address)", SHOWN),
        (CARRIES + "return repr(sender)", SHOWN),
        (CARRIES + "return asdict(sender)", SHOWN),
        (CARRIES + "return json.dumps({'sender': sender})", SHOWN),
        ("_log.error(f'not served: {reason}')", CONSTANT),
        ("_log.error('not served: ' + reason)", CONSTANT),
        ("_log.error(error)", CONSTANT),
        ("logging.getLogger(name)\nlogging.warning(text)", CONSTANT),
        ("_log.exception('not served')", TRACEBACK),
        ("_log.error('not served', exc_info=True)", TRACEBACK),
        ("_log.error('not served', extra={'path': path})", TRACEBACK),
        ("_log.error('not served: %s', path)", SAID),
        ("_log.error('not served: %s', str(error))", SAID),
        ("_log.error('not served: %s', headers['host'])", SAID),
        (HANDLES.format("ValueError"), SAID),
        (HANDLES.format("(StoreUnavailable, OSError)"), SAID),
        ("print('served')", PRINTED),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_seen(tmp_path: Path, code: str, rule: str) -> None:
    assert rule in rules_broken(tmp_path, "functions/some_verb.py", code)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("lib/identification/address.py", "_PLATFORM_HEADER = b'x-vercel-forwarded-for'"),
        ("lib/identification/lookup.py", "def find(address: VisitorAddress):\n    return address.packed()"),
        ("api/v1.py", "from lib.identification import own_network"),
        (
            "functions/verb.py",
            "def verb(address: VisitorAddress, identify: Callable[[VisitorAddress], Match]):\n    identify(address)",
        ),
        ("functions/verb.py", "_log.error('unexpected %s at %s:%s', type(error).__name__, place.name, place.lineno)"),
        ("functions/verb.py", "_log.warning('%s beacons kept, %s to go', len(kept), 4)"),
        ("functions/verb.py", HANDLES.format("StoreUnavailable")),
        ("functions/verb.py", HANDLES.format("(StoreUnavailable, MissingSetting)")),
        ("functions/verb.py", "'''What was forwarded by a client is via another door.'''"),
    ],
)
def test_what_keeps_the_rules_is_let_through(tmp_path: Path, file: str, code: str) -> None:
    assert rules_broken(tmp_path, file, code) == set()


def test_a_violation_says_where_it_is(tmp_path: Path) -> None:
    rules_broken(tmp_path, "api/door.py", "x = 1\nprint(x)")
    assert [str(violation) for violation in violations(tmp_path)] == ["api/door.py:2: nothing is printed"]


def rules_broken(root: Path, file: str, code: str) -> set[str]:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / "lib").mkdir(exist_ok=True)
    (root / "lib" / "errors.py").write_text("class StoreUnavailable(Exception): ...\nclass MissingSetting(Exception): ...\n")
    (root / file).write_text(code)
    return {violation.rule for violation in violations(root)}
