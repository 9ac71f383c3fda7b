-- Countries by the ids that the API uses; the made-up people live in these.
return {
  [74] = { id = 74, name = "France", phone_code = "33", iso2 = "FR" },
  [82] = { id = 82, name = "Germany", phone_code = "49", iso2 = "DE" },
  [103] = { id = 103, name = "India", phone_code = "91", iso2 = "IN" },
  [207] = { id = 207, name = "Spain", phone_code = "34", iso2 = "ES" },
  [234] = { id = 234, name = "United Kingdom", phone_code = "44", iso2 = "GB" },
  [235] = { id = 235, name = "United States", phone_code = "1", iso2 = "US" },
}
