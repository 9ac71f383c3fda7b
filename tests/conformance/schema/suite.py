"""suite.py PROGRAM SUITE - the official JSON-Schema-Test-Suite through `PROGRAM schema --jsonl`, as TAP.

One test is one line for the program. What the suite would have fetched from http://localhost:1234 (its
folder remotes/) is put into the schema's own $defs, as a bundled document (core 9.3): the program fetches nothing.
"""
import json
import pathlib
import subprocess
import sys
import urllib.parse

DIALECT = "draft2020-12"
HOST = "http://localhost:1234/"

# What is not run, and why. Keys are files; a value is the reason, for the cases it is given for.
BIG = "integers beyond 64 bits and reals beyond doubles are refused when JSON is read"
OTHER_DIALECT = "only the dialect 2020-12 is supported"
SKIPPED = {
    ("optional/cross-draft.json", "refs to historic drafts are processed as historic drafts"): OTHER_DIALECT,
}
# Refused by the reader, on purpose. Skipped only if that is what happened.
REFUSED_WHEN_READ = {"optional/bignum.json", "optional/float-overflow.json"}


def load_remotes(suite):
    """The documents of remotes/ that belong to the dialect, by the URI they would be fetched from."""
    remotes = {}
    root = suite / "remotes"
    for path in sorted(root.rglob("*.json")):
        name = path.relative_to(root).as_posix()
        if name.startswith("draft") and not name.startswith(DIALECT + "/") or name.startswith("v1/"):
            continue
        remotes[HOST + name] = json.loads(path.read_text(encoding="utf-8"))
    return remotes


def references(value, base):
    """URIs, without fragment, that <value> refers to with $ref, $dynamicRef or $schema."""
    if isinstance(value, dict):
        if isinstance(value.get("$id"), str):
            base = urllib.parse.urljoin(base, value["$id"])
        for key, item in value.items():
            if key in ("$ref", "$dynamicRef", "$schema") and isinstance(item, str):
                yield urllib.parse.urldefrag(urllib.parse.urljoin(base, item))[0]
            else:
                yield from references(item, base)
    elif isinstance(value, list):
        for item in value:
            yield from references(item, base)


def bundle(schema, remotes):
    """The schema with all the remotes it needs among its $defs."""
    if not isinstance(schema, dict):
        return schema
    added, waiting = {}, list(references(schema, ""))
    while waiting:
        uri = waiting.pop()
        if uri in added or uri not in remotes:
            continue
        remote = remotes[uri]
        identity = urllib.parse.urljoin(uri, remote.get("$id", "")) if isinstance(remote, dict) else uri
        if urllib.parse.urldefrag(identity)[0] == uri:
            added[uri] = {**remote, "$id": uri}
        else:  # known by another name than where it lies: both must lead to it
            added[uri] = {"$id": uri, "$ref": identity}
            added[identity] = {**remote, "$id": identity}
        waiting.extend(references(remote, uri))
    if not added:
        return schema
    return {**schema, "$defs": {**schema.get("$defs", {}), **added}}


def load_tests(suite, remotes):
    """(name, file, group, line) for each test; a line as `schema --jsonl` wants it."""
    root = suite / "tests" / DIALECT
    for path in sorted(root.rglob("*.json")):
        file = path.relative_to(root).as_posix()
        for group in json.loads(path.read_text(encoding="utf-8")):
            schema = bundle(group["schema"], remotes)
            for test in group["tests"]:
                name = " / ".join((file, group["description"], test["description"])).replace("#", "")
                line = {"id": name, "schema": schema, "instance": test["data"]}
                yield name, file, group["description"], line, test["valid"]


def ask(program, mode, lines):
    """The program's answers, one for each line."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([program, "schema", "--jsonl", "--format", mode], input=text.encode(),
                          stdout=subprocess.PIPE, check=False)
    answers = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    if done.returncode != 0 or len(answers) != len(lines):
        print(f"not ok - the program answers every line and ends well (status {done.returncode}, "
              f"{len(answers)} answers to {len(lines)} lines)")
        sys.exit(1)
    return answers


def own_checks(program):
    """(name, passed) for what the verb promises about lines themselves."""
    long_line = '{"id":3,"schema":{},"instance":"' + "x" * (4 << 20) + '"}'
    lines = ['{"id":"a","schema":{"type":"string"},"instance":1}', "{", "", long_line, "[1]", '{"id":4,"schema":true}',
             '{"id":5,"schema":{"type":"x"},"instance":1}', '{"id":6,"schema":{},"instance":1,"instance":2}',
             '{"id":7,"schema":true,"instance":null}']
    done = subprocess.run([program, "schema", "--jsonl"], input="\n".join(lines).encode(), stdout=subprocess.PIPE,
                          check=False)
    answers = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    yield "all lines are answered in order, without the empty one", [answer["id"] for answer in answers] == [
        "a", None, None, None, 4, 5, None, 7]
    yield "an error names the place, the rule and the reason", answers[0] == {
        "id": "a", "valid": False,
        "errors": [{"instance_path": "", "keyword": "type", "message": "must be a string, not an integer"}]}
    yield "what could not be tried is not valid, and says why", all(
        answer["valid"] is False and answer["error"] for answer in answers[1:7])
    yield "a valid one has no errors", answers[7] == {"id": 7, "valid": True, "errors": []}
    yield "bad lines are no failure of the program", done.returncode == 0
    for flags in ([], ["--jsonl", "--format", "maybe"], ["--jsonl", "--nix"]):
        done = subprocess.run([program, "schema", *flags], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        yield f"usage: schema {' '.join(flags)}", done.returncode == 2 and done.stderr != b""


def verdict(file, group, answer, wanted):
    """(TAP word, comment)"""
    if (file, group) in SKIPPED:
        return "ok", " # SKIP " + SKIPPED[file, group]
    error = answer.get("error")
    if error is not None and file in REFUSED_WHEN_READ and "number out of range" in error:
        return "ok", " # SKIP " + BIG
    if error is not None:
        return "not ok", f" ({error})"
    return ("ok", "") if answer["valid"] is wanted else ("not ok", f" (should be {'valid' if wanted else 'invalid'})")


def main():
    program, suite = sys.argv[1], pathlib.Path(sys.argv[2])
    tests = list(load_tests(suite, load_remotes(suite)))
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    number = 0
    # Formats are annotations unless the file is about them (the suite's README).
    for mode in ("annotation", "assertion"):
        chosen = [test for test in tests if test[1].startswith("optional/format/") == (mode == "assertion")]
        for test, answer in zip(chosen, ask(program, mode, [test[3] for test in chosen])):
            name, file, group, _, wanted = test
            word, comment = verdict(file, group, answer, wanted)
            number += 1
            counts["failed" if word != "ok" else "skipped" if "# SKIP" in comment else "passed"] += 1
            print(f"{word} {number} - {name}{comment}")
    for name, passed in own_checks(program):
        number += 1
        counts["passed" if passed else "failed"] += 1
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    print(f"1..{number}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or number == 0 else 0


sys.exit(main())
