#!/usr/bin/env python3
"""run.py [-q] [THEME...] - the cases of *.jsonl through `tallyhost date --jsonl`, as TAP, one line a case.
-q prints only what fails. The program is $TH_PROGRAM, else build/release/tallyhost."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = os.environ.get("TH_PROGRAM") or str(HERE.parent.parent / "build/release/tallyhost")
PASSED_ON = ("text", "reference", "tz", "locale", "prefer")
KINDS = ("parse", "extract", "refuse")
GRAINS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
# What a sentence may keep or lose at its ends once its date is gone without a reader minding.
EDGES = " \t\n.,;:-"


def read_cases(themes):
    """Every case as (name, case); a case that breaks the format of README.md stops the run."""
    cases = []
    for path in sorted(HERE.glob("*.jsonl")):
        if themes and path.stem not in themes:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            case = json.loads(line)
            name = f"{path.stem}:{number}"
            problem = malformed(case)
            if problem:
                sys.exit(f"not ok - {name} is no case: {problem}")
            cases.append((name, case))
    return cases


def malformed(case):
    if case["kind"] not in KINDS:
        return f"kind is one of {KINDS}"
    if (case["iso"] is None) != (case["kind"] == "refuse"):
        return "iso is null for refused texts, and only for those"
    if case.get("grain", "day") not in GRAINS:
        return f"grain is one of {GRAINS}"
    if "matched" in case and case["matched"] not in case["text"]:
        return "matched is not in the text"
    return None if case.get("why") else "a reason (why) is missing"


def answers(cases, program=PROGRAM, bound=300):
    """One answer per case, in order, by id."""
    lines = []
    for name, case in cases:
        line = {"id": name}
        line.update({key: case[key] for key in PASSED_ON if key in case})
        lines.append(json.dumps(line, ensure_ascii=False))
    if not os.access(program, os.X_OK):
        sys.exit(f"not ok - there is no program {program}: ./dev build release, or name one in TH_PROGRAM")
    done = subprocess.run([program, "date", "--jsonl"], input="\n".join(lines) + "\n", capture_output=True,
                          text=True, encoding="utf-8", timeout=bound)
    if done.returncode != 0:
        print(f"not ok - date --jsonl ended with status {done.returncode}: {done.stderr[-2000:]}")
        sys.exit(1)
    found = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        found[answer["id"]] = answer
    return found


def plain(iso):
    return iso[:-1] + "+00:00" if iso and iso.endswith("Z") else iso


def disagreements(case, answer):
    """What differs, as sentences; empty when the answer is right."""
    if answer is None:
        return ["no answer"]
    wrong = []
    if plain(answer.get("iso")) != case["iso"]:
        wrong.append(f"iso {answer.get('iso')} should be {case['iso']}")
    if case["iso"] is None:
        return wrong
    if "end" in case and plain(answer.get("end")) != case["end"]:
        wrong.append(f"end {answer.get('end')} should be {case['end']}")
    if "grain" in case and answer.get("grain") != case["grain"]:
        wrong.append(f"grain {answer.get('grain')} should be {case['grain']}")
    if "matched" in case and answer.get("matched") != case["matched"]:
        wrong.append(f"matched {answer.get('matched')!r} should be {case['matched']!r}")
    if "rest" in case and (answer.get("rest") or "").strip(EDGES) != case["rest"].strip(EDGES):
        wrong.append(f"rest {answer.get('rest')!r} should be {case['rest']!r}")
    if case["kind"] == "parse" and (answer.get("rest") or "").strip(EDGES + "!\"'()“”\u200b\ufeff"):
        wrong.append(f"the whole text is the date, yet rest is {answer['rest']!r}")
    return wrong


def main():
    arguments = [a for a in sys.argv[1:] if a != "-q"]
    quiet = "-q" in sys.argv[1:]
    cases = read_cases(arguments)
    found = answers(cases)
    failed = 0
    for count, (name, case) in enumerate(cases, 1):
        wrong = disagreements(case, found.get(name))
        failed += bool(wrong)
        if wrong or not quiet:
            # A "#" would begin a TAP directive.
            text = " ".join(case["text"].split()).replace("#", "no.")
            print(f"{'not ok' if wrong else 'ok'} {count} - {name} {text}")
        for sentence in wrong:
            print(f"#   {sentence} ({case['why']}; said at {case['reference']} in {case['tz']})")
    print(f"# {len(cases) - failed} of {len(cases)} right")
    print(f"1..{len(cases)}")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
