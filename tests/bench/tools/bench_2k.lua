tool "bench_2k" {
  title = "2 KB passed through"; about = "Reads 2 KB from the API and gives it as it is."; effect = "read";
  run = function (_, call)
    return call.api:get("/organizations/{org}/bench-2k")
  end;
}
