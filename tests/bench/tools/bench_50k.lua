tool "bench_50k" {
  title = "50 KB passed through"; about = "Reads 50 KB from the API and gives it as it is."; effect = "read";
  run = function (_, call)
    return call.api:get("/organizations/{org}/bench-50k")
  end;
}
