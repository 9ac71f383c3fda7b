#!/usr/bin/env python3
"""properties.py - what must hold for any phrase, through `tallyhost date --jsonl`, as TAP:
a span is in the text, the printed words parse back, a later reference never gives an earlier future date, every zone
of the system answers with an offset that its rules allow, looks and surroundings do not change a value, and bad lines
and monstrous texts are answered."""
import datetime
import json
import random
import subprocess
import sys
import zoneinfo

import run

SEED = 20261125  # fixed: a failure must come back
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns",
         "Pacific/Kiritimati", "America/Santiago", "UTC")
# Phrases that look ahead; said later they may stay or move on, never back.
FUTURE = (
    "tomorrow", "the day after tomorrow", "Friday", "next Friday", "this coming Monday", "Sunday", "in 3 days",
    "in two weeks", "in a month", "in 3 months", "in a year", "in 5 business days", "next business day", "in 2 hours",
    "in 90 minutes", "in 24 hours", "5pm", "9am", "noon", "midnight", "02:30", "tomorrow at 2:30am", "end of day",
    "close of business tomorrow", "end of the week", "end of next week", "end of the month", "end of next month",
    "end of the quarter", "end of year", "next week", "next month", "next quarter", "next year", "December 4",
    "29 February", "the 15th", "the 31st", "in March", "Q2", "week 10", "first Monday of next month",
    "last Friday of March", "last business day of next month", "mid next month", "this weekend", "next weekend",
    "a week from Friday", "2 weeks and 3 days from Monday", "within 10 days", "Friday at 5pm", "the 29th",
    "later this month", "later this week",
)
VERBS = ("Call Bob", "Remind Sarah to review the contract", "Send “the” report", "Ship version 2.5 to room 405",
         "Réviser le budget", "You may close ticket #12", "发送报告", "It takes 5 days; finish", "Pay $500")
LINKS = (" by ", " on ", " before ", ", ", " - due ", " no later than ", " (due ", ": ", " ", " until ")
TAILS = ("", ".", " please", " with Anna", ")", "!", ", thanks", " in room 12", " — urgent", " / ask Tom")
NOISE = ("next", "last", "of", "the", "May", "5", "2.5", "-", "Monday", "am", "at", "to", "from", "3rd", "end", "week",
         "UTC", "12:30", "ago", "in", "half", "and", "Q3", "2026", "é", "“", ".", "(", ")", "business", "days", "by")


def ask(lines, bound=300):
    """Answers of the program to <lines> (objects without id), in their order."""
    if not lines:
        return []
    cases = [(str(index), line) for index, line in enumerate(lines)]
    found = run.answers(cases, bound=bound)
    return [found.get(name) for name, _ in cases]


def line(text, reference="2026-11-25T10:00:00+01:00", zone="Europe/Berlin", **more):
    return {"text": text, "reference": reference, "tz": zone, **more}


def is_subsequence(few, many):
    many = iter(many)
    return all(any(word == other for other in many) for word in few)


def spans_are_in_the_text():
    chance = random.Random(SEED)
    texts = [chance.choice(VERBS) + chance.choice(LINKS) + chance.choice(FUTURE) + chance.choice(TAILS)
             for _ in range(3000)]
    texts += [" ".join(chance.choice(NOISE) for _ in range(chance.randint(1, 12))) for _ in range(6000)]
    texts += ["".join(chance.choice("0123456789-:/. TZWamp+") for _ in range(chance.randint(1, 24)))
              for _ in range(3000)]
    wrong = []
    for text, answer in zip(texts, ask([line(text) for text in texts])):
        if answer is None:
            wrong.append(f"{text!r}: no answer")
        elif answer.get("iso") is not None:
            matched, rest = answer.get("matched"), answer.get("rest") or ""
            if not matched or matched not in text:
                wrong.append(f"{text!r}: matched {matched!r}")
            # What is left was in the text, in that order; punctuation may be tidied away.
            elif not is_subsequence([c for c in rest if c.isalnum()], [c for c in text if c.isalnum()]):
                wrong.append(f"{text!r}: rest {rest!r}")
    return wrong


def coarse(grain):
    return "time" if grain in ("second", "minute", "hour") else grain


def words_parse_back():
    """The cases' own texts and more, in every zone of ZONES: value -> words -> the same value."""
    cases = [case for _, case in run.read_cases([]) if case["kind"] == "parse"]
    lines = [{key: case[key] for key in run.PASSED_ON if key in case} for case in cases]
    lines += [line(text, "2026-03-27T21:15:30Z", zone) for text in FUTURE for zone in ZONES]
    first = ask(lines)
    told = [(asked, answer) for asked, answer in zip(lines, first) if answer and answer.get("iso")]
    wrong = [f"{asked['text']!r}: no words" for asked, answer in told if not answer.get("words")]
    told = [(asked, answer) for asked, answer in told if answer.get("words")]
    second = ask([dict(asked, text=answer["words"]) for asked, answer in told])
    for (asked, answer), again in zip(told, second):
        # "5pm" is printed "17:00": the same instant, said to the minute.
        same = again and all(again.get(key) == answer.get(key) for key in ("iso", "end"))
        same = same and coarse(again["grain"]) == coarse(answer["grain"])
        if not same:
            wrong.append(f"{asked['text']!r} {asked['tz']}: {answer['iso']} {answer.get('end')} {answer['grain']} is "
                         f"printed {answer['words']!r}, read as {again and again.get('iso')} {again and again.get('grain')}")
    return wrong


def sort_key(iso):
    """An instant, or a day as its own kind of number: one phrase yields one kind."""
    if "T" in iso:
        return datetime.datetime.fromisoformat(run.plain(iso)).timestamp()
    return datetime.date.fromisoformat(iso).toordinal()


def later_never_gives_earlier():
    """Nor does a phrase that looks ahead give a day or time behind the reference."""
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    # 31 hours and a bit: over 800 days this meets every hour of the day, both clock changes and a leap day.
    references = [start + datetime.timedelta(hours=31 * n, minutes=7 * n) for n in range(650)]
    wrong = []
    for zone in ZONES:
        lines = [line(text, moment.strftime("%Y-%m-%dT%H:%M:%SZ"), zone) for text in FUTURE for moment in references]
        found = ask(lines)
        before = None
        for asked, answer in zip(lines, found):
            if not answer or not answer.get("iso"):
                wrong.append(f"{asked['text']!r} at {asked['reference']} in {zone}: not understood")
                before = None
                continue
            if before and before[0] == asked["text"] and sort_key(answer["iso"]) < sort_key(before[2]):
                wrong.append(f"{asked['text']!r} in {zone}: {before[2]} said at {before[1]}, "
                             f"{answer['iso']} said at {asked['reference']}")
            # A week or month may have begun already; a day or a time lies ahead.
            moment = datetime.datetime.fromisoformat(run.plain(asked["reference"])).astimezone(zoneinfo.ZoneInfo(zone))
            if answer["grain"] not in ("week", "month", "quarter", "year") and answer["iso"][:10] < f"{moment:%Y-%m-%d}":
                wrong.append(f"{asked['text']!r} in {zone}: {answer['iso']} lies behind {asked['reference']}")
            before = (asked["text"], asked["reference"], answer["iso"])
    return wrong


def allowed(iso, zone):
    """The local time exists in <zone> with that offset, by Python's own reader of the same database."""
    moment = datetime.datetime.fromisoformat(run.plain(iso))
    return moment.astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)


def every_zone_answers():
    phrases = ("now", "tomorrow at 2:30am", "in 24 hours", "Friday at 5pm", "midnight", "March 29, 2026 at 2:30 am",
               "1 July 2050 at noon", "1 July 1915 at noon", "1 January 1850 12:00", "29 February 2096 at 00:30",
               "October 25, 2026 1:30 am")
    names = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
    # Python drops odd seconds of old offsets in no way we do not: compare only where offsets are whole minutes.
    lines = [line(text, moment, name) for name in names for text in phrases
             for moment in ("2026-03-28T23:30:00Z", "2026-11-01T05:10:00Z")]
    wrong = []
    for asked, answer in zip(lines, ask(lines)):
        where = f"{asked['text']!r} at {asked['reference']} in {asked['tz']}"
        if not answer or not answer.get("iso"):
            wrong.append(f"{where}: not understood")
            continue
        zone = zoneinfo.ZoneInfo(asked["tz"])
        naive = datetime.datetime.fromisoformat(run.plain(answer["iso"])).replace(tzinfo=zone)
        if naive.utcoffset().total_seconds() % 60 == 0 and not allowed(answer["iso"], zone):
            wrong.append(f"{where}: {answer['iso']} does not exist there")
    return [] if len(names) > 400 and not wrong else wrong or [f"only {len(names)} zones on this system"]


def monsters_are_answered():
    """A megabyte of one thing. The bound only keeps a hang from being one; ours takes milliseconds."""
    size = 1000 * 1000
    parts = ("1", "next ", "the ", "1:", "2026-", "may ", "in ", "end of ", "3 days and ", "(", "“", "\u00a0", "monday ",
             "by ", "half ", "twenty ", "tomorow ", "12/", "-", "é")
    lines = [line((part * (size // len(part.encode()) + 1))[:size // len(part.encode()) * len(part)]) for part in parts]
    return [f"{asked['text'][:12]!r}...: no answer" for asked, answer in zip(lines, ask(lines, bound=120)) if answer is None]


def same_value(one, other):
    return bool(one) and bool(other) and all(one.get(key) == other.get(key) for key in ("iso", "end", "grain"))


def sentence_or_alone():
    frames = ("Remind Sarah to review the contract by {}", "Send the report {}, please", "{}: call Bob",
              "Fix the door (due {})", "Ship version 2.5 to room 405 no later than {}.")
    alone = ask([line(phrase) for phrase in FUTURE])
    asked = [(phrase, frame.format(phrase), value) for phrase, value in zip(FUTURE, alone) for frame in frames]
    found = ask([line(text) for _, text, _ in asked])
    return [f"{text!r}: {answer and answer.get('iso')}, alone {value and value.get('iso')}"
            for (_, text, value), answer in zip(asked, found) if not same_value(value, answer)]


def looks_do_not_matter():
    """Capitals, kinds of blanks, quotes around and a full stop change nothing."""
    looks = (str.upper, str.lower, str.title, lambda t: t.replace(" ", "\u00a0"), lambda t: t.replace(" ", "  \t"),
             lambda t: f"“{t}”", lambda t: t + ".", lambda t: " " + t + "\n", lambda t: t.replace(" ", "\u202f"))
    alone = ask([line(phrase) for phrase in FUTURE])
    asked = [(look(phrase), value) for phrase, value in zip(FUTURE, alone) for look in looks]
    found = ask([line(text) for text, _ in asked])
    return [f"{text!r}: {answer and answer.get('iso')} should be {value and value.get('iso')}"
            for (text, value), answer in zip(asked, found) if not same_value(value, answer)]


def bad_lines_do_not_end_the_run():
    """What is no question is answered with null; the lines behind it are answered as ever."""
    good = json.dumps(line("tomorrow", id="good"))
    bad = ("not json", "[]", '"text"', "{}", '{"id":"a","text":5}', "{" * 2000, '{"id":"b","text":"tomorrow","tz":"Mars/Olympus"}',
           '{"id":"c","text":"tomorrow","tz":"../../../etc/passwd"}', '{"id":"d","text":"tomorrow","prefer":"sideways"}',
           '{"id":"e","text":"tomorrow","reference":"whenever"}', '{"id":"f","text":"tomorrow","reference":"2026-02-30"}')
    done = subprocess.run([run.PROGRAM, "date", "--jsonl"], input="\n".join(f"{text}\n{good}" for text in bad) + "\n",
                          capture_output=True, text=True, encoding="utf-8", timeout=60)
    answers = [json.loads(text) for text in done.stdout.splitlines()]
    wrong = [] if done.returncode == 0 and len(answers) == 2 * len(bad) else [
        f"{len(answers)} answers to {2 * len(bad)} lines, status {done.returncode}"]
    for text, first, second in zip(bad, answers[::2], answers[1::2]):
        if first.get("iso") is not None:
            wrong.append(f"{text[:60]}: {first}")
        if (second.get("id"), second.get("iso")) != ("good", "2026-11-26"):
            wrong.append(f"behind {text[:60]}: {second}")
    return wrong


PROPERTIES = (
    ("a span is in the text, and so is what is left", spans_are_in_the_text),
    ("printed words parse back to the same value", words_parse_back),
    ("a later reference never gives an earlier future date", later_never_gives_earlier),
    ("every zone of the system answers with an offset it has", every_zone_answers),
    ("a phrase in a sentence has the value it has alone", sentence_or_alone),
    ("capitals, blanks, quotes and a full stop change nothing", looks_do_not_matter),
    ("a bad line is answered with null and the next as ever", bad_lines_do_not_end_the_run),
    ("a megabyte of anything is answered", monsters_are_answered),
)


def main():
    failed = 0
    for count, (name, check) in enumerate(PROPERTIES, 1):
        wrong = check()
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {count} - {name}")
        for sentence in wrong[:15]:
            print(f"#   {sentence}")
        if len(wrong) > 15:
            print(f"#   and {len(wrong) - 15} more")
    print(f"1..{len(PROPERTIES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
