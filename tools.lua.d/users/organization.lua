resource "organization" {
  title = "The organization";
  about = "Name, time zone, working days, default deadline and settings of the organization you are signed in to.";
  uri   = "tallyfy://organization";
  mime  = "application/json";
  run = function (_, call)
    local organization, err = call.api:get("/organizations/{org}")
    if not organization then return nil, err end
    return { data = use("tallyfy.shape").object(organization) }
  end;
}
