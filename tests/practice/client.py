"""The published Tallyfy SDK works with the practice organisation. Prints TAP."""
import sys
import traceback

from tallyfy import TallyfyError, TallyfySDK

from server import Practice

checks = []


def check(about):
    """Registers a check: function (sdk, org, practice)."""
    def register(function):
        checks.append((about, function))
        return function
    return register


def title_of(record):
    return getattr(record, "title", None) or getattr(record, "name", None)


def named(records, name):
    for record in records:
        if name in title_of(record):
            return record
    raise AssertionError(f"nothing called {name}")


def template_named(sdk, org, name):
    return named(sdk.templates.get_all_templates(org).data, name)


@check("who am I, where, and with whom")
def _(sdk, org, practice):
    me = sdk.users.get_current_user_info(org)
    assert me.full_name == "Amelia Hartmann" and me.role == "admin", me
    assert sdk.organizations.get_organization(org).name == "Marigold Logistics"
    assert len(sdk.organizations.get_current_user_organizations().data) == 1
    people = sdk.users.get_organization_users(org).data
    assert named_person(people, "Carla").role == "light"
    assert len(sdk.users.get_organization_users_list(org).data) == len(people) - 1
    assert sdk.users.get_user(org, named_person(people, "Ben").id).last_name == "Okonkwo"


def named_person(people, first_name):
    for person in people:
        if person.first_name == first_name:
            return person
    raise AssertionError(f"nobody called {first_name}")


@check("members: invited, given a role, disabled and enabled")
def _(sdk, org, practice):
    new = sdk.users.invite_user_to_organization(org, "kim@marigold.example", "Kim", "Doe", role="standard")
    assert new.status == "invited" and new.role == "standard"
    assert sdk.users.change_user_role(org, new.id, "light")
    assert sdk.users.disable_user(org, new.id)
    assert sdk.users.get_user(org, new.id).status == "disabled"
    assert sdk.users.enable_user(org, new.id)
    assert sdk.users.get_user_by_email(org, "kim@marigold.example").role == "light"


@check("guests: made, read, disabled; a phone key is dropped silently")
def _(sdk, org, practice):
    sdk.users.create_guest(org, "lena@printshop.example", "Lena", "Holt")
    assert sdk.users.get_guest(org, "lena@printshop.example").first_name == "Lena"
    assert sdk.users.disable_guest(org, "lena@printshop.example")
    assert sdk.users.enable_guest(org, "lena@printshop.example")
    guest = sdk.users.get_guest(org, "j.brandt@supplier-gmbh.example")
    assert sdk.users.get_guest_tasks(org, guest.link.rsplit("/", 1)[1]).data


@check("groups")
def _(sdk, org, practice):
    group = sdk.groups.create_group(org, "Night shift", description="After ten", members=[41003])
    assert sdk.groups.get_group(org, group.id).members == [41003]
    assert sdk.groups.update_group(org, group.id, description="After eleven", members=[41002]).members == [41002]
    assert named(sdk.groups.get_groups(org), "Night shift")
    assert sdk.groups.delete_group(org, group.id)


@check("tags on templates and processes")
def _(sdk, org, practice):
    tag = sdk.tags.create_tag(org, "Fragile", color="#aa0000")
    template = template_named(sdk, org, "Monthly close")
    # This client takes the rows of with=tags for associations, where our fact sheet takes them for tags.
    practice.control("PUT", "/practice/switches", {"tag_links": True})
    assert sdk.tags.tag_template(org, template.id, tag.id)
    assert sdk.tags.untag_template(org, tag.id, template_id=template.id)
    run = sdk.tasks.get_organization_runs(org).data[0]
    assert sdk.tags.tag_process(org, run.id, tag.id)
    assert sdk.tags.untag_process(org, run.id, tag.id)
    assert sdk.tags.update_tag(org, tag.id, title="Very fragile").title == "Very fragile"
    assert sdk.tags.delete_tag(org, tag.id)


@check("folders and what lies in them")
def _(sdk, org, practice):
    folder = sdk.folders.create_folder(org, "Archive boxes")
    assert sdk.folders.update_folder(org, folder.id, name="Boxes").name == "Boxes"
    assert named(sdk.folders.get_folders(org), "Boxes")
    assert sdk.folders.delete_folder(org, folder.id)


@check("a template: made, with steps, fields and a rule, and copied")
def _(sdk, org, practice):
    template = sdk.templates.create_template(org, "Vehicle inspection", summary="Every spring")
    first = sdk.templates.add_step_to_template(org, template.id, {"title": "Look under the bonnet"})
    second = sdk.templates.add_step_to_template(org, template.id, {"title": "Repair"})
    field = sdk.form_fields.add_form_field_to_step(org, template.id, first["id"], {
        "field_type": "dropdown", "label": "Oil", "required": True,
        "options": [{"id": 1, "text": "Fine"}, {"id": 2, "text": "Low"}]})
    assert sdk.form_fields.get_dropdown_options(org, template.id, first["id"], field.id) == ["Fine", "Low"]
    changed = sdk.form_fields.update_form_field(
        org, template.id, first["id"], field.id, label="Oil level", field_type="dropdown", required=False,
        options=[{"id": 1, "text": "Fine"}, {"id": 2, "text": "Low"}])
    assert changed.label == "Oil level"
    sdk.templates.create_automation_rule(org, template.id, {
        "automated_alias": "Repair when low",
        "conditions": [{"conditionable_id": field.id, "conditionable_type": "Capture", "operation": "equals",
                        "statement": "Low", "logic": "and", "position": 1}],
        "then_actions": [{"action_type": "visibility", "action_verb": "show", "target_step_id": second["id"],
                          "position": 1}]})
    assert sdk.templates.reorder_step(org, template.id, second["id"], 1)["position"] == 1
    copy = sdk.templates.duplicate_template(org, template.id, "Vehicle inspection, Hull", org)
    assert [step.title for step in sdk.templates.get_template_steps(org, copy.id)] == ["Repair", "Look under the bonnet"]
    assert sdk.templates.delete_template(org, copy.id)


@check("a process: launched, worked on to the end")
def _(sdk, org, practice):
    template = template_named(sdk, org, "Purchase request")
    fields = sdk.templates.get_kickoff_form_fields(org, template.id)
    prerun = {fields[0]["id"]: "A ladder", fields[1]["id"]: "90"}
    run = sdk.tasks.launch_process(org, template.id, "Purchase: ladder", prerun=prerun)
    assert sdk.tasks.get_process(org, run.id).status == "active"
    tasks = sdk.tasks.get_tasks_for_process(org, process_id=run.id).data
    assert [task.title for task in tasks][1] == "Approve the purchase of A ladder"
    for task in tasks:
        decision = True if task.task_type == "approval" else None
        done = sdk.tasks.complete_task(org, run.id, task.id, is_approved=decision)
        assert done.status == "completed"
    assert sdk.tasks.get_process(org, run.id).status == "complete"
    reopened = sdk.tasks.reopen_task(org, run.id, tasks[0].id)
    assert reopened.status == "in-progress"
    assert sdk.tasks.archive_process(org, run.id)
    assert sdk.tasks.reactivate_process(org, run.id).status == "active"


@check("a launch without a required answer is refused, with the field's own words")
def _(sdk, org, practice):
    template = template_named(sdk, org, "Purchase request")
    try:
        sdk.tasks.launch_process(org, template.id, "Nothing filled in")
    except TallyfyError as error:
        assert error.status_code == 422, error.status_code
        assert "What is needed? is required" in str(error.response_data), error.response_data
    else:
        raise AssertionError("the launch went through")


@check("a one-off task: made, changed, commented on, stuck, completed")
def _(sdk, org, practice):
    task = sdk.tasks.create_task(org, "Paint the gate", "2030-01-07 12:00:00", user_ids=[41003])
    owners = {"users": [41002, 41003], "guests": [], "groups": []}
    changed = sdk.tasks.update_standalone_task(org, task.id, title="Paint the gate green",
                                               deadline="2030-01-08 12:00:00", owners=owners)
    assert changed.title == "Paint the gate green"
    comment = sdk.threads.add_task_comment(org, task.id, "<p>Which green?</p>")
    sdk.threads.update_task_comment(org, task.id, comment.id, content="<p>Which green exactly?</p>")
    issue = sdk.threads.report_task_issue(org, task.id, "<p>No paint</p>")
    assert sdk.threads.resolve_task_issues(org, task.id, issue.id, content="Paint came")
    texts = [thread.content for thread in sdk.threads.get_standalone_task_comments(org, task.id)]
    assert "<p>Which green exactly?</p>" in texts, texts
    assert sdk.threads.delete_task_comment(org, task.id, comment.id)
    assert sdk.tasks.complete_standalone_task(org, task.id).status == "completed"
    assert sdk.tasks.reopen_standalone_task(org, task.id).status == "in-progress"
    assert sdk.tasks.delete_standalone_task(org, task.id)


@check("lists: my tasks, another's, all processes")
def _(sdk, org, practice):
    assert sdk.tasks.get_my_tasks(org).data
    assert sdk.tasks.get_user_tasks(org, 41003).data
    runs = sdk.tasks.get_organization_runs(org, per_page=5, page=2)
    assert len(runs.data) == 5 and runs.meta.current_page == 2
    assert sdk.tasks.get_organization_runs(org, status="problem").data


@check("search")
def _(sdk, org, practice):
    assert sdk.tasks.search_processes(org, "nora")
    assert sdk.tasks.search_processes_by_name(org, "Onboarding: Nora Lindgren")
    assert sdk.templates.search_templates_by_name(org, "Monthly close")


@check("a file: uploaded and read back")
def _(sdk, org, practice):
    template = template_named(sdk, org, "Purchase request")
    asset = sdk.files.upload_file(org, b"%PDF-1.4 quote", "quote.pdf", "ko_field", "Checklist", template.id)
    assert sdk.files.download_file(org, asset.id) is not None


@check("a rate limit with Retry-After is waited for")
def _(sdk, org, practice):
    practice.control("POST", "/practice/faults", {"fault": "429x1;retry-after=0", "path_contains": "/groups"})
    assert sdk.groups.get_groups(org)


@check("a snapshot brings everything back, and time can be moved")
def _(sdk, org, practice):
    def titles():
        return sorted(tag.title for tag in sdk.tags.get_tags(org))
    before = titles()
    practice.control("POST", "/practice/snapshot", {"name": "here"})
    sdk.tags.create_tag(org, "Later")
    practice.control("POST", "/practice/clock", {"now": "2031-05-05T08:00:00Z", "frozen": True})
    assert practice.control("GET", "/practice/clock")["data"]["now"] == "2031-05-05T08:00:00Z"
    assert titles() != before
    practice.control("POST", "/practice/restore", {"name": "here"})
    assert titles() == before
    assert not practice.control("GET", "/practice/clock")["data"]["frozen"]
    run = sdk.tasks.get_organization_runs(org, status="active").data[0]
    assert sdk.tasks.get_process(org, run.id, with_="tasks").id == run.id


@check("what a stranger may not do")
def _(sdk, org, practice):
    carla = TallyfySDK(practice.people["Carla"]["api_key"], base_url=practice.url, max_retries=0)
    for attempt in (lambda: carla.users.change_user_role(org, 41003, "admin"),
                    lambda: carla.templates.create_template(org, "Mine"),
                    lambda: carla.groups.create_group(org, "Mine", description="x")):
        try:
            attempt()
        except TallyfyError as error:
            assert error.status_code == 403, error.status_code
        else:
            raise AssertionError("it went through")
    nobody = TallyfySDK("wrong", base_url=practice.url, max_retries=0)
    try:
        nobody.groups.get_groups(org)
    except TallyfyError as error:
        assert error.status_code == 401
    else:
        raise AssertionError("it went through")


@check("the large organisation, from another seed")
def _(sdk, org, practice):
    with Practice("--scale", "large", "--seed", "9") as large:
        amelia = large.people["Amelia"]
        assert amelia["api_key"] != practice.people["Amelia"]["api_key"]
        theirs = TallyfySDK(amelia["api_key"], base_url=large.url, max_retries=0)
        assert len(theirs.users.get_organization_users_list(amelia["org_id"]).data) > 480
        runs = theirs.tasks.get_organization_runs(amelia["org_id"], page=20)
        assert len(runs.data) == 100 and runs.meta.total > 4000
        assert theirs.tasks.get_tasks_for_process(amelia["org_id"], process_id=runs.data[0].id).data


def main():
    failed = 0
    with Practice() as practice:
        amelia = practice.people["Amelia"]
        sdk = TallyfySDK(amelia["api_key"], base_url=practice.url, max_retries=2, retry_delay=0.01, retry_jitter=0)
        for number, (about, function) in enumerate(checks, 1):
            try:
                function(sdk, amelia["org_id"], practice)
                print(f"ok {number} - {about}", flush=True)
            except Exception:  # whatever it is, the next check is worth running
                failed += 1
                print(f"not ok {number} - {about}", flush=True)
                print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), flush=True)
    print(f"1..{len(checks)}")
    return 1 if failed else 0


sys.exit(main())
