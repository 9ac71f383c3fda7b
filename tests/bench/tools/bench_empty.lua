tool "bench_empty" {
  title = "Nothing"; about = "Answers at once, without the API."; effect = "read"; closed = true;
  run = function () return "done" end;
}
