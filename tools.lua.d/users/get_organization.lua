tool "get_organization" {
  title  = "Get organization";
  about  = "Shows the organization: name, time zone, working days, default deadline and settings. "
        .. "users_count counts only active, verified members: it is not the headcount. "
        .. "Others that the person belongs to: list_organizations.";
  effect = "read";
  output = {
    id   "id"       { "The organization's id", kind = "text" };
    text "name"     { "Its name" };
    text "timezone" { "Its time zone", optional = true };
  };
  run = function (_, call)
    local organization, err = call.api:get("/organizations/{org}")
    if not organization then return nil, err end
    return {
      text = ("%s (time zone %s)."):format(organization.name, organization.timezone or "not set"),
      data = use("tallyfy.shape").object(organization),
    }
  end;
}
