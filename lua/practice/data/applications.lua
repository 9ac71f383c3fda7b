-- How programs and people sign in at the token endpoint of the practice organisation. These open nothing but
-- made-up data on this machine, so they are the same for every seed and no secret.
return {
  -- One application for each organisation, in their order.
  list = {
    { client_id = 4001, client_secret = "practice-application-marigold" },
    { client_id = 4002, client_secret = "practice-application-juniper" },
  },
  -- Of every made-up person, for the password grant.
  password = "practice",
}
