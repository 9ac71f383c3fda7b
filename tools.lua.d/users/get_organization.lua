tool "get_organization" {
  title  = "Get organization";
  about  = "Shows the organization: name, time zone, working days, default deadline and settings. "
        .. "users_count counts only active, verified members: it is not the headcount.";
  effect = "read";
  run = function (_, call)
    local organization, err = call.api:get("/organizations/{org}")
    if not organization then return nil, err end
    return {
      text = ("%s (time zone %s)."):format(organization.name, organization.timezone or "not set"),
      data = use("tallyfy.shape").object(organization),
    }
  end;
}
